//! The port to what is stored: one trait, made of a part for each noun. Each method is one transaction.

pub mod division;
pub mod sql;

use std::sync::Arc;

use minqing_platform::feed::Source;

pub use division::DivisionStore;

/// Everything the registry stores.
pub trait Store: DivisionStore + Source {}

impl<T: DivisionStore + Source> Store for T {}

/// A store that is shared.
pub type Shared = Arc<dyn Store>;
