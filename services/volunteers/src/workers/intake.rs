//! Cases that are dispatched to the corps become needs: by the departments' own API, as every department would.

use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::field;
use minqing_proto::cases::v1 as cases;
use minqing_proto::cases::v1::AssignmentStatus;
use minqing_proto::cases::v1::assignment_service_client::AssignmentServiceClient;
use tokio::time::sleep;
use tonic::Status;
use uuid::Uuid;

use super::PAUSE;
use crate::Volunteers;
use crate::domain::need::{Command, Place, Requirements, Source, Submission};
use crate::store::need::Act;

/// Why following broke off.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("cases: {0}")]
    Cases(#[from] Status),
    #[error("store: {0:?}")]
    Store(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl Volunteers {
    /// Follows what happens to the corps' parts, for ever.
    pub(super) async fn run_intake(&self) {
        loop {
            match self.follow().await {
                Ok(()) => tracing::debug!("cases ended the stream"),
                Err(error) => tracing::warn!(%error, "cases cannot be followed; it is tried again"),
            }
            sleep(PAUSE).await;
        }
    }

    async fn follow(&self) -> Result<(), Broken> {
        let cursor = self.store.case_cursor().await?;
        let organization = self.practice.corps.clone();
        let request = cases::WatchAssignmentsRequest { organization, cursor };
        let mut client = AssignmentServiceClient::new(self.cases.clone());
        let mut changes = client.watch_assignments(request).await?.into_inner();
        while let Some(change) = changes.message().await? {
            self.hear(change).await?;
        }
        Ok(())
    }

    /// Takes in one change. Hearing of it twice does nothing more.
    async fn hear(&self, told: cases::WatchAssignmentsResponse) -> Result<(), Broken> {
        let change = self.change_by_system();
        let Some(part) = told.assignment.filter(|part| part.organization == self.practice.corps) else {
            return Ok(self.store.hear_of_case(&change, None, &told.cursor).await?);
        };
        if part.status() == AssignmentStatus::Cancelled {
            self.taken_back(&part).await?;
        }
        let is_ours = matches!(part.status(), AssignmentStatus::Pending | AssignmentStatus::Signed);
        let submission = if is_ours { Some(self.submission(&part, change.now)) } else { None };
        Ok(self.store.hear_of_case(&change, submission, &told.cursor).await?)
    }

    /// The need that a part of the corps is.
    fn submission(&self, part: &cases::Assignment, now: chrono::DateTime<chrono::Utc>) -> Submission {
        let case = part.case.clone().unwrap_or_default();
        Submission {
            id: Uuid::now_v7(),
            source: Source::Case,
            assignment: Some(part.name.clone()),
            planner: None,
            title: if case.title.is_empty() { part.instruction.clone() } else { case.title.clone() },
            content: case.content.clone(),
            place: Place {
                code: self.area(&case.area),
                position: case.latitude.zip(case.longitude),
                address: case.address.clone(),
            },
            requirements: Requirements::MODEST,
            due: now + self.practice.promise.verify,
        }
    }

    /// The division or grid of a case; the whole city where it names none that can be read.
    fn area(&self, name: &str) -> Code {
        let read = field::grid_name("area", name).or_else(|_| field::division_name("area", name));
        read.unwrap_or_else(|_| self.practice.city.clone())
    }

    /// The case went another way: what is left of its need is withdrawn.
    async fn taken_back(&self, part: &cases::Assignment) -> Result<(), Broken> {
        let Some(need) = self.store.need_of_assignment(&part.name).await? else { return Ok(()) };
        if !need.status.is_live() {
            return Ok(());
        }
        let act = Act {
            id: need.id,
            version: Some(need.version),
            command: &Command::Withdraw("the case went another way".to_owned()),
            promise: self.practice.promise,
            capacity: 0,
        };
        self.store.act_on_need(&self.change_by_system(), act).await?;
        Ok(())
    }
}
