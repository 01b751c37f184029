//! What is counted of what is stored.

use minqing_platform::error::Error;

use crate::domain::figure::{Counts, Query};

/// Figures, counted from what is stored.
#[async_trait::async_trait]
pub trait FigureStore: Send + Sync {
    /// The counts of each group, in the order of their keys. By month they are counted one by one.
    async fn volunteer_figures(&self, query: &Query) -> Result<Vec<(String, Counts)>, Error>;
}
