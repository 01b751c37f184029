//! minqing-testkit
