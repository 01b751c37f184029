//! What is stored of readings of personal data.

use minqing_platform::code::Code;
use minqing_platform::error::Error;
use uuid::Uuid;

use crate::domain::access::Access;

/// Records of access as they are stored. They are only ever added.
#[async_trait::async_trait]
pub trait AccessStore: Send + Sync {
    /// Adds records. What they tell of may be shown only after this returned.
    async fn record_access(&self, records: &[Access]) -> Result<(), Error>;

    /// The records of one subject (`people/x`), the newest first, after a record.
    async fn access_records(
        &self,
        subject: &str,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Access>, Error>;

    /// The records of a division (`divisions/x`) and of those in it, the newest first, after a record: searches that found
    /// nobody there.
    async fn access_records_within(
        &self,
        division: &Code,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Access>, Error>;
}
