//! minqing-gateway
