//! VerifyHourChain.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::Volunteers;
use crate::domain::hour::chain::{Head, walk};

/// Entries of one walk: about 5 MB are read.
const ENTRIES_MAX: i64 = 10_000;
/// The most faults that are told.
const FAULTS_MAX: usize = 100;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::VerifyHourChainRequest>,
) -> Result<proto::VerifyHourChainResponse, Error> {
    let (call, request) = Call::open(request);
    if request.after_seq < 0 {
        return Err(Violation::new("after_seq", "OUT_OF_RANGE", "must not be negative").into());
    }
    volunteers.authorize(&call, "VerifyHourChain", Target::NOWHERE)?;
    let mut head = Head::EMPTY;
    if request.after_seq > 0 {
        let missing = || Refusal::missing(format!("hourEntries/{}", request.after_seq));
        let before = volunteers.store.hour_entry(request.after_seq).await?.ok_or_else(missing)?;
        head = Head { seq: before.seq, hash: before.hash };
    }
    // The end is read first: what is entered meanwhile is for the next walk.
    let end = volunteers.store.hour_chain().await?;
    let mut entries = volunteers.store.hour_chain_after(head.seq, ENTRIES_MAX).await?;
    entries.retain(|entry| entry.seq <= end.seq);
    let mut faults: Vec<String> = walk(&mut head, &entries).iter().map(ToString::to_string).collect();
    let is_end = i64::try_from(entries.len()).unwrap_or(i64::MAX) < ENTRIES_MAX || head.seq >= end.seq;
    if is_end && head != end {
        faults.push(crate::domain::hour::chain::Fault::Head(head.seq).to_string());
    }
    faults.truncate(FAULTS_MAX);
    Ok(proto::VerifyHourChainResponse {
        entries: i64::try_from(entries.len()).unwrap_or(i64::MAX),
        faults,
        next_seq: if is_end { 0 } else { head.seq },
    })
}
