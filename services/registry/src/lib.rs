//! minqing-registry
