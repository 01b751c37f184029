//! Telling cases what became of the corps' parts: by the departments' own API, in the order in which it happened, again and
//! again until they took it or refused it for good.

use chrono::TimeDelta;
use minqing_platform::error::Error;
use minqing_platform::status;
use minqing_proto::cases::v1 as cases;
use minqing_proto::cases::v1::assignment_service_client::AssignmentServiceClient;
use tonic::{Code, Status};

use super::Summary;
use crate::Volunteers;
use crate::store::need::{CaseCall, Told};

/// Calls of one round.
const BATCH: i64 = 50;
/// How long a call that was taken up is left alone; longer than a call may last.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The longest delay after failures, doubled with each.
const DELAY_MAX_S: i64 = 300;

impl Volunteers {
    /// Tells cases what is due.
    pub(super) async fn tell_cases(&self) -> Result<Summary, Error> {
        let change = self.change_by_system();
        let due = self.store.claim_case_calls(change.now, change.now + LEASE, BATCH).await?;
        let mut summary = Summary { more: !due.is_empty(), ..Summary::default() };
        for call in due {
            let told = match self.tell(&call).await {
                Ok(()) => Told::Taken,
                Err(status) => self.refusal(&call, &status),
            };
            match &told {
                Told::Taken => summary.taken += 1,
                Told::Refused(_) => summary.refused += 1,
                Told::Later(_) => {
                    summary.delayed += 1;
                    summary.more = false;
                }
            }
            self.store.settle_case_call(&change, &call, &told).await?;
        }
        Ok(summary)
    }

    async fn tell(&self, call: &CaseCall) -> Result<(), Status> {
        let mut client = AssignmentServiceClient::new(self.cases.clone());
        let (name, text, request_id) = (call.assignment.clone(), call.text.clone(), call.id.to_string());
        match call.kind.as_str() {
            "sign" => client.sign_assignment(cases::SignAssignmentRequest { name, request_id }).await,
            "return" => {
                let reason = match call.reason.as_str() {
                    "too_little_said" => cases::ReturnReason::TooLittleSaid,
                    "duplicate" => cases::ReturnReason::Duplicate,
                    _ => cases::ReturnReason::NotOurs,
                };
                let reason = reason.into();
                let request = cases::ReturnAssignmentRequest { name, reason, note: text, request_id };
                client.return_assignment(request).await
            }
            _ => client.resolve_assignment(cases::ResolveAssignmentRequest { name, text, request_id }).await,
        }
        .map(drop)
    }

    /// Whether a call that failed is tried again.
    fn refusal(&self, call: &CaseCall, status: &Status) -> Told {
        let reason = status::reason(status).unwrap_or_default();
        match status.code() {
            // Somebody signed for it already, or it ended: nothing is left to be told.
            Code::FailedPrecondition if call.kind == "sign" => Told::Taken,
            Code::FailedPrecondition | Code::InvalidArgument | Code::NotFound => {
                tracing::warn!(call.assignment, call.kind, reason, "cases refuse an answer");
                Told::Refused(if reason.is_empty() { "REFUSED".to_owned() } else { reason })
            }
            code => {
                // An account that was not appointed yet is mended by an operator, not by losing an answer.
                tracing::warn!(call.assignment, call.kind, %code, "cases cannot be told; it is tried again");
                let delay = 2_i64.saturating_pow(u32::try_from(call.attempts).unwrap_or(9).min(9));
                Told::Later(self.clock.now() + TimeDelta::seconds(delay.min(DELAY_MAX_S)))
            }
        }
    }
}
