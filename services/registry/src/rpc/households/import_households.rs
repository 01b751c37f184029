//! ImportHouseholds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::NaiveDate;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use minqing_platform::policy::Target;
use minqing_platform::status::{self, Violation};
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::import_households_request::Part;
use tonic::{Code, Request, Status, Streaming};

use crate::Registry;
use crate::convert;
use crate::domain::household_import::{CHUNK_MAX, RECORDS_MAX, Record, SOURCE_MAX};
use crate::store::household_import::Import;

/// How long the next message may take. Meanwhile the import holds a transaction, and on SQLite every other writer up.
const MESSAGE_WAIT: Duration = Duration::from_secs(10);
/// The most characters of a file's name.
const FILE_NAME_MAX: usize = 200;

/// The status with which the caller's stream broke off, kept aside while the store is told of a failure.
type Broken = Arc<Mutex<Option<Status>>>;

pub async fn handle(
    registry: &Registry,
    request: Request<Streaming<proto::ImportHouseholdsRequest>>,
) -> Result<proto::ImportHouseholdsResponse, Status> {
    let broken = Broken::default();
    import(registry, request, &broken).await.map_err(|error| {
        let broken = broken.lock().unwrap_or_else(PoisonError::into_inner).take();
        broken.unwrap_or_else(|| error.into())
    })
}

async fn import(
    registry: &Registry,
    request: Request<Streaming<proto::ImportHouseholdsRequest>>,
    broken: &Broken,
) -> Result<proto::ImportHouseholdsResponse, Error> {
    let (call, mut messages) = Call::open(request);
    registry.authorize(&call, "ImportHouseholds", Target::NOWHERE)?;
    let header = match next(&mut messages, broken).await? {
        Some(Part::Header(header)) => header,
        Some(Part::Chunk(_)) | None => return Err(Violation::required("header").into()),
    };
    let today = registry.today();
    let import = Import {
        source: convert::text("header.source", &header.source, SOURCE_MAX)?,
        day: convert::date("header.effective_from", &header.effective_from)?.unwrap_or(today),
        scopes: scopes(registry, &call),
        validate_only: header.validate_only,
    };
    if header.file_name.chars().count() > FILE_NAME_MAX {
        let text = format!("at most {FILE_NAME_MAX} characters");
        return Err(Violation::new("header.file_name", "TOO_LONG", text).into());
    }
    // There is no request id: importing the same records again changes nothing.
    let actor = call.caller.name_for_audit().into_owned();
    let change = Change { actor, now: registry.clock.now(), request: None };
    let records = records(messages, today, broken.clone());
    let report = registry.store.import_households(&change, &registry.keyring, &import, records).await;
    report.map(convert::import_report).map_err(|error| of_file(&header.file_name, error))
}

/// The beginnings of the codes of the grids where the caller may import.
fn scopes(registry: &Registry, call: &Call) -> Vec<String> {
    let may = |role| registry.policy.allows(role, "ImportHouseholds", true, false);
    let held = call.caller.roles().iter().filter(|appointment| may(appointment.role));
    held.map(|appointment| appointment.division.clone()).collect()
}

/// Faults with the name of the file before them, where one was given.
fn of_file(file_name: &str, error: Error) -> Error {
    match error {
        Error::Invalid(mut faults) if !file_name.is_empty() => {
            for fault in &mut faults {
                fault.description = format!("{file_name}, {}", fault.description);
            }
            Error::Invalid(faults)
        }
        other => other,
    }
}

/// The next message; none when the caller ended the stream.
async fn next(
    messages: &mut Streaming<proto::ImportHouseholdsRequest>,
    broken: &Broken,
) -> Result<Option<Part>, Error> {
    let broke = |status: Status| {
        *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
        Error::Internal("the caller's stream broke off".to_owned())
    };
    let message = tokio::time::timeout(MESSAGE_WAIT, messages.message()).await.map_err(|_| {
        let text = format!("no message for {} s", MESSAGE_WAIT.as_secs());
        broke(status::refusal(Code::DeadlineExceeded, "IMPORT_STALLED", text, []))
    })?;
    match message.map_err(broke)? {
        None => Ok(None),
        Some(message) => message.part.map(Some).ok_or_else(|| Violation::required("chunk").into()),
    }
}

/// The records of the messages after the header, read and checked as they come.
fn records(
    messages: Streaming<proto::ImportHouseholdsRequest>,
    today: NaiveDate,
    broken: Broken,
) -> BoxStream<'static, Result<Vec<Record>, Error>> {
    let state = (messages, 0_u64);
    stream::try_unfold(state, move |(mut messages, mut number)| {
        let broken = broken.clone();
        async move {
            let chunk = match next(&mut messages, &broken).await? {
                None => return Ok(None),
                Some(Part::Chunk(chunk)) => chunk,
                Some(Part::Header(_)) => {
                    let text = "is the first message, and only that";
                    return Err(Violation::new("header", "HEADER_TWICE", text).into());
                }
            };
            convert::count("chunk.records", chunk.records.len(), 1, CHUNK_MAX)?;
            let mut batch = Vec::with_capacity(chunk.records.len());
            for record in &chunk.records {
                number += 1;
                batch.push(convert::record(number, record, today)?);
            }
            if number > RECORDS_MAX {
                let text = format!("an import has at most {RECORDS_MAX} records");
                return Err(Violation::new("chunk.records", "TOO_MANY_RECORDS", text).into());
            }
            Ok(Some((batch, (messages, number))))
        }
    })
    .boxed()
}
