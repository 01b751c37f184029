//! The port to what is stored: one trait, made of a part for each noun. Each method is one transaction.

pub mod case;
pub mod sql;

use std::sync::Arc;

use minqing_platform::feed::Source;

pub use case::CaseStore;

/// Everything that is stored of cases.
pub trait Store: CaseStore + Source {}

impl<T: CaseStore + Source> Store for T {}

/// A store that is shared.
pub type Shared = Arc<dyn Store>;
