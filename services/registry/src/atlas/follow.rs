//! Following the service's own feed, so that what other processes change is seen here too.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use minqing_platform::error::Error;
use minqing_platform::feed::Bell;
use tokio_util::sync::CancellationToken;

use super::Atlas;
use crate::store;
use minqing_platform::code::Code;

/// How often the feed is asked when nothing rings: the longest that a change of another process stays unseen once the
/// feed shows it.
const POLL: Duration = Duration::from_millis(500);
/// Events read at a time.
const BATCH: i64 = 500;

/// Fills the atlas and keeps it up to date until `stop` fires. Failures are told once each and tried again.
pub async fn follow(atlas: Arc<Atlas>, store: store::Shared, bell: Bell, stop: CancellationToken) {
    let mut heard = bell.listen();
    let mut cursor = None;
    loop {
        let work = catch_up(&atlas, &store, &mut cursor);
        let done = tokio::select! {
            done = work => done,
            () = stop.cancelled() => return,
        };
        if let Err(error) = done {
            tracing::warn!(?error, "the grids in memory could not be brought up to date; trying again");
            // A bell that rings while the database is away must not make this a busy loop.
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => return,
            }
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            // This task holds the bell too, so it is never closed.
            _ = heard.changed() => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Takes in what the feed has after the cursor; without one, everything. The cursor moves only when all was taken in.
async fn catch_up(
    atlas: &Atlas,
    store: &store::Shared,
    cursor: &mut Option<(i64, i64)>,
) -> Result<(), Error> {
    let Some((mut tx, mut seq)) = *cursor else {
        return load(atlas, store, cursor).await;
    };
    let (mut grids, mut divisions) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let events = store.events_after(tx, seq, BATCH).await?;
        let full = i64::try_from(events.len()).is_ok_and(|count| count == BATCH);
        for event in events {
            (tx, seq) = (event.tx, event.seq);
            let (noun, id) = event.subject.split_once('/').unwrap_or_default();
            let Ok(code) = id.parse::<Code>() else { continue };
            match noun {
                // What this process changed is known already.
                "grids" => !known(atlas, &code, &event.payload) && grids.insert(code),
                "divisions" => divisions.insert(code),
                _ => false,
            };
        }
        if atlas.is_many(grids.len() + divisions.len()) {
            return load(atlas, store, cursor).await;
        }
        if !full {
            break;
        }
    }
    let codes = |set: BTreeSet<Code>| set.into_iter().collect::<Vec<_>>();
    let (grids, divisions) = (codes(grids), codes(divisions));
    if !grids.is_empty() || !divisions.is_empty() {
        atlas.refresh(store, &grids, &divisions).await?;
    }
    *cursor = Some((tx, seq));
    Ok(())
}

/// Whether the version of a grid that an event tells of is there already.
fn known(atlas: &Atlas, code: &Code, payload: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Payload {
        version: i64,
    }
    serde_json::from_str(payload).is_ok_and(|Payload { version }| atlas.knows(code, version))
}

/// Everything, from the end of the feed on. The end is read first: what happens between is read twice, never missed.
async fn load(atlas: &Atlas, store: &store::Shared, cursor: &mut Option<(i64, i64)>) -> Result<(), Error> {
    let end = store.events_end().await?;
    atlas.load(store).await?;
    *cursor = Some(end);
    Ok(())
}
