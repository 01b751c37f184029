//! Attachments in SQL.

use chrono::{DateTime, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use sqlx::{PgConnection, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use crate::domain::attachment::{self, Attachment, CASE_COUNT_MAX, Claim, Hash, Kept, Kind, NewAttachment};
use crate::store::attachment::{AttachmentStore, Pending};

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        "a.id, a.object_key, a.file_name, a.content_type, o.size_bytes, o.sha256, a.case_number, a.uploader, \
         a.token_hash, a.create_time FROM attachments a JOIN attachment_objects o ON o.key = a.object_key "
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    object_key: Uuid,
    file_name: String,
    content_type: String,
    size_bytes: i64,
    sha256: Option<Vec<u8>>,
    case_number: Option<String>,
    uploader: String,
    token_hash: Vec<u8>,
    create_time: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<Kept, Error> {
        let corrupt = |what: &str| db::Error::Corrupt(format!("attachment {}: {what}", self.id));
        let hash = |bytes: &[u8], what: &str| Hash::try_from(bytes).map_err(|_| corrupt(what));
        let attachment = Attachment {
            id: self.id,
            kind: Kind::named(&self.content_type).ok_or_else(|| corrupt("content_type"))?,
            size_bytes: u64::try_from(self.size_bytes).map_err(|_| corrupt("size_bytes"))?,
            sha256: hash(self.sha256.as_deref().unwrap_or_default(), "sha256")?,
            file_name: self.file_name,
            case_number: self.case_number,
            uploader: self.uploader,
            create_time: self.create_time,
        };
        let token_hash = Hash::try_from(self.token_hash.as_slice())
            .map_err(|_| db::Error::Corrupt(format!("attachment {}: token_hash", attachment.id)))?;
        Ok(Kept { attachment, object_key: self.object_key, token_hash })
    }
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl AttachmentStore for Sql<Db> {
    async fn pending_attachments(&self) -> Result<Pending, Error> {
        let (count, size): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), CAST(COALESCE(SUM(o.size_bytes), 0) AS BIGINT) \
             FROM attachments a JOIN attachment_objects o ON o.key = a.object_key WHERE a.case_number IS NULL",
        )
        .fetch_one(self.db.reads())
        .await?;
        Ok(Pending { count, size_bytes: u64::try_from(size).unwrap_or(0) })
    }

    async fn begin_object(&self, change: &Change, key: Uuid) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        sqlx::query(
            "INSERT INTO attachment_objects (key, state, size_bytes, update_time) VALUES ($1, 'writing', 0, $2)",
        )
        .bind(key)
        .bind(change.now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn keep_attachment(&self, change: &Change, new: &NewAttachment) -> Result<Kept, Error> {
        let mut tx = self.db.begin().await?;
        let object_key = tx.keep_object(change, new).await?;
        sqlx::query(
            "INSERT INTO attachments (id, object_key, file_name, content_type, uploader, token_hash, create_time) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.id)
        .bind(object_key)
        .bind(&new.file_name)
        .bind(new.kind.content_type())
        .bind(&change.actor)
        .bind(new.token_hash.as_slice())
        .bind(change.now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        let attachment = Attachment {
            id: new.id,
            file_name: new.file_name.clone(),
            kind: new.kind,
            size_bytes: new.size_bytes,
            sha256: new.sha256,
            case_number: None,
            uploader: change.actor.clone(),
            create_time: change.now,
        };
        Ok(Kept { attachment, object_key, token_hash: new.token_hash })
    }

    async fn attachment(&self, id: Uuid) -> Result<Option<Kept>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        reads.kept_attachment(id).await
    }

    async fn attachments_of_case(&self, case_number: &str) -> Result<Vec<Attachment>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        reads.attachments_of(case_number).await
    }

    async fn bind_attachments(
        &self,
        change: &Change,
        case_number: &str,
        claims: &[Claim],
    ) -> Result<Vec<Attachment>, Error> {
        let mut tx = self.db.begin().await?;
        let bound = AttachmentRows::bind_attachments(&mut *tx, change, case_number, claims).await?;
        tx.commit().await?;
        Ok(bound)
    }

    async fn expire_attachments(
        &self,
        change: &Change,
        before: DateTime<Utc>,
        limit: i64,
    ) -> Result<u64, Error> {
        let mut tx = self.db.begin().await?;
        // The condition is said again outside: meanwhile a case may have claimed one of them.
        let objects: Vec<(Uuid,)> = sqlx::query_as(
            "DELETE FROM attachments WHERE case_number IS NULL AND id IN \
               (SELECT id FROM attachments WHERE case_number IS NULL AND create_time < $1 \
                ORDER BY create_time LIMIT $2) RETURNING object_key",
        )
        .bind(before)
        .bind(limit)
        .fetch_all(&mut *tx)
        .await?;
        let mut keys: Vec<Uuid> = objects.iter().map(|(key,)| *key).collect();
        // In one order for all: two who lock the same rows cannot wait for each other.
        keys.sort();
        keys.dedup();
        for key in keys {
            tx.drop_object_if_unused(change, key).await?;
        }
        tx.commit().await?;
        Ok(objects.len() as u64)
    }

    async fn objects_to_remove(&self, before: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>, Error> {
        let keys: Vec<(Uuid,)> = sqlx::query_as(
            "SELECT key FROM attachment_objects WHERE state <> 'kept' AND (state = 'dropped' OR update_time < $1) \
             ORDER BY update_time LIMIT $2",
        )
        .bind(before)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(keys.into_iter().map(|(key,)| key).collect())
    }

    async fn forget_object(&self, key: Uuid) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        sqlx::query("DELETE FROM attachment_objects WHERE key = $1 AND state <> 'kept'")
            .bind(key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Attachments as a connection sees them: within the transaction of a case, or alone.
#[async_trait::async_trait]
pub trait AttachmentRows {
    /// Gives files to a case, all or none, in the case's own transaction. Call it once the case's row is there; what it
    /// gives back is as it is from now on, in the order of the claims.
    ///
    /// # Errors
    /// One that does not exist, or is not the caller's by account or token (both `NOT_FOUND`); one that a case has already
    /// (`ATTACHMENT_BOUND`); the same one twice (`ATTACHMENT_TWICE`); more than a case may have (`ATTACHMENTS_TOO_MANY`).
    async fn bind_attachments(
        &mut self,
        change: &Change,
        case_number: &str,
        claims: &[Claim],
    ) -> Result<Vec<Attachment>, Error>;

    /// What a case has, in the order in which it was uploaded.
    async fn attachments_of(&mut self, case_number: &str) -> Result<Vec<Attachment>, Error>;

    /// One attachment.
    async fn kept_attachment(&mut self, id: Uuid) -> Result<Option<Kept>, Error>;

    /// Finds the bytes for a new file: those that are kept of the same content, or its own. Gives their key.
    async fn keep_object(&mut self, change: &Change, new: &NewAttachment) -> Result<Uuid, Error>;

    /// Drops what no file is of any more.
    async fn drop_object_if_unused(&mut self, change: &Change, key: Uuid) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl AttachmentRows for Conn {
    async fn bind_attachments(
        &mut self,
        change: &Change,
        case_number: &str,
        claims: &[Claim],
    ) -> Result<Vec<Attachment>, Error> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let already = self.attachments_of(case_number).await?.len();
        attachment::may_claim(claims, already)?;
        let mut bound = Vec::with_capacity(claims.len());
        for claim in claims {
            // Writing the row to itself locks it, so that nobody else can claim or remove it meanwhile.
            sqlx::query("UPDATE attachments SET case_number = case_number WHERE id = $1")
                .bind(claim.id)
                .execute(&mut *self)
                .await?;
            let kept = self.kept_attachment(claim.id).await?.ok_or_else(|| attachment::missing(claim.id))?;
            kept.may_bind(claim, &change.actor)?;
            sqlx::query("UPDATE attachments SET case_number = $2 WHERE id = $1")
                .bind(claim.id)
                .bind(case_number)
                .execute(&mut *self)
                .await?;
            bound.push(Attachment { case_number: Some(case_number.to_owned()), ..kept.attachment });
        }
        Ok(bound)
    }

    async fn attachments_of(&mut self, case_number: &str) -> Result<Vec<Attachment>, Error> {
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            "WHERE a.case_number = $1 ORDER BY a.create_time, a.id LIMIT $2"
        ))
        .bind(case_number)
        .bind(CASE_COUNT_MAX as i64)
        .fetch_all(&mut *self)
        .await?;
        rows.into_iter().map(|row| row.read().map(|kept| kept.attachment)).collect()
    }

    async fn kept_attachment(&mut self, id: Uuid) -> Result<Option<Kept>, Error> {
        let row: Option<Row> = sqlx::query_as(concat!("SELECT ", columns!(), "WHERE a.id = $1"))
            .bind(id)
            .fetch_optional(&mut *self)
            .await?;
        row.map(Row::read).transpose()
    }

    async fn keep_object(&mut self, change: &Change, new: &NewAttachment) -> Result<Uuid, Error> {
        // Writing the row locks it until the new file's row is there: the sweep cannot drop it in between.
        let same: Option<(Uuid,)> = sqlx::query_as(
            "UPDATE attachment_objects SET update_time = $2 WHERE sha256 = $1 AND state = 'kept' RETURNING key",
        )
        .bind(new.sha256.as_slice())
        .bind(change.now)
        .fetch_optional(&mut *self)
        .await?;
        let size = i64::try_from(new.size_bytes).unwrap_or(i64::MAX);
        let (state, hash) =
            if same.is_some() { ("dropped", None) } else { ("kept", Some(new.sha256.as_slice())) };
        let done = sqlx::query(
            "UPDATE attachment_objects SET state = $2, sha256 = $3, size_bytes = $4, update_time = $5 \
             WHERE key = $1 AND state = 'writing'",
        )
        .bind(new.object_key)
        .bind(state)
        .bind(hash)
        .bind(size)
        .bind(change.now)
        .execute(&mut *self)
        .await?;
        if done.rows_affected() == 0 {
            return Err(db::Error::Conflict.into());
        }
        Ok(same.map_or(new.object_key, |(key,)| key))
    }

    async fn drop_object_if_unused(&mut self, change: &Change, key: Uuid) -> Result<(), Error> {
        // Two statements: the second one sees what was committed while the first one waited for the row.
        sqlx::query("UPDATE attachment_objects SET update_time = update_time WHERE key = $1")
            .bind(key)
            .execute(&mut *self)
            .await?;
        sqlx::query(
            "UPDATE attachment_objects SET state = 'dropped', sha256 = NULL, update_time = $2 \
             WHERE key = $1 AND NOT EXISTS (SELECT 1 FROM attachments WHERE object_key = $1)",
        )
        .bind(key)
        .bind(change.now)
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}
