//! placeholder
use crate::bind::Binding;
use crate::options::Options;
use std::sync::Arc;
pub(crate) fn document(_: &[Arc<Binding>], _: &Options) -> serde_json::Value {
    serde_json::json!({})
}
