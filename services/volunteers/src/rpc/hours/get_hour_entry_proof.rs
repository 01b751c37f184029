//! GetHourEntryProof.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::seen;
use crate::domain::hour::chain::{self, Head, ORIGIN};
use crate::{Volunteers, convert};

/// The most digests of one proof: 320 kB.
const DIGESTS_MAX: i64 = 10_000;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetHourEntryProofRequest>,
) -> Result<proto::HourEntryProof, Error> {
    let (call, request) = Call::open(request);
    let seq = convert::hour_seq("name", &request.name)?;
    let upto = match request.head_seq {
        0 => seq.saturating_add(DIGESTS_MAX),
        upto if upto < seq || upto > seq.saturating_add(DIGESTS_MAX) => {
            let text = format!("the entry's place to {DIGESTS_MAX} after it");
            return Err(Violation::new("head_seq", "OUT_OF_RANGE", text).into());
        }
        upto => upto,
    };
    let entry = seen(volunteers, &call, "GetHourEntryProof", seq).await?;
    let before = match seq - 1 {
        0 => Head { seq: 0, hash: ORIGIN },
        before => {
            let missing = || Error::Internal(format!("hourEntries/{before} is missing"));
            let hash = volunteers.store.hour_entry(before).await?.ok_or_else(missing)?.hash;
            Head { seq: before, hash }
        }
    };
    let after = volunteers.store.hour_chain_after(seq, upto - seq).await?;
    let digests: Vec<_> = after.iter().map(|entry| chain::digest(&entry.facts)).collect();
    let head = chain::head_by_proof(before, &entry.facts, &digests);
    if request.head_seq != 0 && head.seq != request.head_seq {
        return Err(Refusal::missing(format!("hourEntries/{}", request.head_seq)).into());
    }
    Ok(proto::HourEntryProof {
        entry: Some(convert::hour_entry(&entry)),
        previous_hash: before.hash.to_vec(),
        digests: digests.iter().map(|digest| digest.to_vec()).collect(),
        head: Some(convert::hour_head(&head, volunteers.clock.now())),
    })
}
