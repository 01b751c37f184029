//! The event feed as a stream: resumable, at least once, with heartbeats, only what the caller may see.
//!
//! Truth is always the table: the stream polls it, and a wake-up after a local commit only makes it poll sooner. So
//! a missed wake-up costs a moment, never an event.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::Stream;
use minqing_proto::events::v1 as proto;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::db;
use crate::field;
use crate::identity::Caller;
use crate::journal::Event;
use crate::policy::Target;
use crate::status::{self, Violation};

/// How often the table is asked when nothing wakes the stream.
const POLL: Duration = Duration::from_millis(500);
/// How long silence lasts before a heartbeat.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events read at a time.
const BATCH: i64 = 500;
/// Answers waiting for a slow reader; then the stream waits for it.
const BUFFER: usize = 64;
/// The most event types one stream may name.
const TYPES_MAX: usize = 50;

/// Where events are read from: a service's store.
#[async_trait::async_trait]
pub trait Source: Send + Sync + 'static {
    /// See [`crate::journal::Journal::events_after`].
    async fn events_after(&self, tx: i64, seq: i64, limit: i64) -> Result<Vec<Event>, db::Error>;
    /// See [`crate::journal::Journal::events_end`].
    async fn events_end(&self) -> Result<(i64, i64), db::Error>;
}

/// Wakes the streams of this process after a commit.
#[derive(Debug, Clone)]
pub struct Bell(watch::Sender<()>);

impl Default for Bell {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Bell {
    /// Something was committed.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    /// Hears every later ring.
    pub fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}

/// A place in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// Behind this event.
    After(i64, i64),
    /// Behind whatever is newest now.
    Now,
}

impl Cursor {
    /// Reads a cursor as a caller sends it.
    ///
    /// # Errors
    /// It is none that a feed gave.
    fn read(text: &str) -> Result<Self, Violation> {
        match text {
            "" => Ok(Self::After(0, 0)),
            "now" => Ok(Self::Now),
            other => decode(other).ok_or_else(|| {
                Violation::new(
                    "cursor",
                    "INVALID_CURSOR",
                    "is not a cursor this feed gave; leave it out to start over",
                )
            }),
        }
    }

    /// The text of a place.
    fn text(tx: i64, seq: i64) -> String {
        URL_SAFE_NO_PAD.encode(format!("1:{tx}:{seq}"))
    }
}

fn decode(text: &str) -> Option<Cursor> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (tx, seq) = text.strip_prefix("1:")?.split_once(':')?;
    let (tx, seq) = (tx.parse().ok()?, seq.parse().ok()?);
    (tx >= 0 && seq >= 0).then_some(Cursor::After(tx, seq))
}

/// Which events a stream gives.
#[derive(Debug, Clone)]
struct Filter {
    types: Vec<String>,
    division_code: String,
    /// The divisions of the appointments by which the caller may watch.
    scopes: Vec<String>,
}

impl Filter {
    /// Reads the filter of a request; `scopes` are code prefixes, an event outside all of them is not given.
    ///
    /// # Errors
    /// More types than a stream may name.
    fn read(request: &proto::WatchEventsRequest, scopes: Vec<String>) -> Result<Self, Violation> {
        if request.types.len() > TYPES_MAX {
            return Err(Violation::new("types", "TOO_MANY", format!("at most {TYPES_MAX}")));
        }
        Ok(Self { types: request.types.clone(), division_code: request.division_code.clone(), scopes })
    }

    fn admits(&self, event: &Event) -> bool {
        (self.types.is_empty() || self.types.contains(&event.kind))
            && event.division_code.starts_with(&self.division_code)
            && self.scopes.iter().any(|scope| event.division_code.starts_with(scope))
    }
}

/// The divisions in which a caller may follow events.
fn scopes_of(caller: &Caller) -> Vec<String> {
    caller.roles().iter().map(|appointment| appointment.division.clone()).collect()
}

/// What a reader asks for.
#[derive(Debug, Clone)]
pub struct Wanted {
    cursor: Cursor,
    filter: Filter,
}

impl Wanted {
    /// Reads a request; a caller follows the events of the divisions of their appointments.
    ///
    /// # Errors
    /// The cursor, the types or the division's code are not valid.
    pub fn read(request: &proto::WatchEventsRequest, caller: &Caller) -> Result<Self, Violation> {
        field::optional_code("division_code", &request.division_code)?;
        let cursor = Cursor::read(&request.cursor)?;
        let filter = Filter::read(request, scopes_of(caller))?;
        Ok(Self { cursor, filter })
    }

    /// Every event from a cursor on, for a service that gives its callers what concerns them.
    ///
    /// # Errors
    /// The cursor is none that a feed gave.
    pub fn everywhere(cursor: &str) -> Result<Self, Violation> {
        let filter = Filter { types: Vec::new(), division_code: String::new(), scopes: vec![String::new()] };
        Ok(Self { cursor: Cursor::read(cursor)?, filter })
    }

    /// What must be permitted for it.
    pub fn target(&self) -> Target<'_> {
        match self.filter.division_code.as_str() {
            "" => Target::NOWHERE,
            code => Target::within(code),
        }
    }
}

/// What a stream of events is made of.
pub type Answers = std::pin::Pin<Box<dyn Stream<Item = Result<proto::WatchEventsResponse, Status>> + Send>>;

/// Follows the feed until the caller leaves or the service stops.
pub fn follow(source: Arc<dyn Source>, bell: &Bell, wanted: Wanted, stop: CancellationToken) -> Answers {
    let (answers, receiver) = mpsc::channel(BUFFER);
    let heard = bell.listen();
    tokio::spawn(async move {
        let work = pump(&*source, heard, wanted.cursor, &wanted.filter, &answers);
        tokio::select! {
            result = work => if let Err(status) = result {
                // The reader may be gone already; then nobody is left to be told.
                let _ = answers.send(Err(status)).await;
            },
            () = stop.cancelled() => {
                let _ = answers.try_send(Err(Status::unavailable("the service is stopping; resume from the last cursor")));
            }
            () = answers.closed() => {}
        }
    });
    Box::pin(ReceiverStream::new(receiver))
}

async fn pump(
    source: &dyn Source,
    mut heard: watch::Receiver<()>,
    cursor: Cursor,
    filter: &Filter,
    answers: &mpsc::Sender<Result<proto::WatchEventsResponse, Status>>,
) -> Result<(), Status> {
    let failed = |error: db::Error| status::unavailable("event feed", &error);
    let (mut tx, mut seq) = match cursor {
        Cursor::After(tx, seq) => (tx, seq),
        Cursor::Now => source.events_end().await.map_err(failed)?,
    };
    // The first answer says where the stream stands, so that a reader can resume even if nothing ever happens.
    let mut spoken: Option<Instant> = None;
    loop {
        let events = source.events_after(tx, seq, BATCH).await.map_err(failed)?;
        let full = i64::try_from(events.len()).is_ok_and(|count| count == BATCH);
        for event in events {
            (tx, seq) = (event.tx, event.seq);
            if filter.admits(&event) {
                spoken = Some(Instant::now());
                if answers.send(Ok(answer(event)?)).await.is_err() {
                    return Ok(());
                }
            }
        }
        if full {
            continue;
        }
        if spoken.is_none_or(|at| at.elapsed() >= HEARTBEAT) {
            spoken = Some(Instant::now());
            let beat = proto::WatchEventsResponse { cursor: Cursor::text(tx, seq), event: None };
            if answers.send(Ok(beat)).await.is_err() {
                return Ok(());
            }
        }
        // A closed bell means the service is going down; polling goes on until the stream is stopped.
        if let Ok(Err(_)) = tokio::time::timeout(POLL, heard.changed()).await {
            tokio::time::sleep(POLL).await;
        }
    }
}

fn answer(event: Event) -> Result<proto::WatchEventsResponse, Status> {
    let payload: serde_json::Value =
        serde_json::from_str(&event.payload).map_err(|error| status::internal(&error))?;
    Ok(proto::WatchEventsResponse {
        cursor: Cursor::text(event.tx, event.seq),
        event: Some(proto::Event {
            id: event.id.to_string(),
            r#type: event.kind,
            subject: event.subject,
            division_code: event.division_code,
            occur_time: Some(field::timestamp(event.occur_time)),
            actor: event.actor,
            payload: crate::json::to_struct(payload),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_a_strange_one_refused() {
        assert_eq!(Cursor::read(&Cursor::text(7, 9)).unwrap(), Cursor::After(7, 9));
        assert_eq!(Cursor::read("").unwrap(), Cursor::After(0, 0));
        for strange in ["x", "MTotMTow", "====", "MToxOg"] {
            assert_eq!(Cursor::read(strange).unwrap_err().reason, "INVALID_CURSOR");
        }
    }
}
