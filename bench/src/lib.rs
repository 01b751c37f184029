//! minqing-bench
