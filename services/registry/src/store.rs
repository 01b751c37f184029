//! The port to what is stored: one trait, made of a part for each noun. Each method is one transaction.

pub mod division;
pub mod grid;
pub mod sql;

use std::sync::Arc;

use minqing_platform::feed::Source;

pub use division::DivisionStore;
pub use grid::GridStore;

/// Everything the registry stores.
pub trait Store: DivisionStore + GridStore + Source {}

impl<T: DivisionStore + GridStore + Source> Store for T {}

/// A store that is shared.
pub type Shared = Arc<dyn Store>;
