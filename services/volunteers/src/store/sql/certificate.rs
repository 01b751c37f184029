//! Certificates in SQL.

pub(super) mod rows;

use chrono::Datelike as _;
use minqing_platform::code::range_end;
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::QueryBuilder;
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use crate::domain::certificate::number::{self, PLACE_MAX};
use crate::domain::certificate::{self, Certificate, Request, State};
use crate::store::certificate::{CertificateStore, Filter, Issue, Stored};
use rows::{CertificateRows as _, read};

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl CertificateStore for Sql<Db> {
    async fn request_certificate(&self, change: &Change, new: &Request) -> Result<Request, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(request) = tx.replayed(change).await? {
            return Ok(request);
        }
        tx.write_certificate_request(new).await?;
        let event = NewEvent {
            kind: "CertificateRequested",
            subject: format!("certificateRequests/{}", new.id),
            division_code: new.division_code.clone(),
            payload: json!({}),
        };
        tx.append(change, &[event]).await?;
        tx.remember(change, new).await?;
        tx.commit().await?;
        self.committed();
        Ok(new.clone())
    }

    async fn certificate_request(&self, id: Uuid) -> Result<Option<Request>, Error> {
        Ok(self.db.reads().acquire().await?.certificate_request(id).await?)
    }

    async fn certificate_requests(
        &self,
        filter: &Filter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Request>, Error> {
        let mut query = QueryBuilder::new("SELECT content FROM certificate_requests WHERE (1 = 0");
        if let Some(own) = &filter.own {
            query.push(" OR volunteer = ").push_bind(own.clone());
        }
        for within in &filter.within {
            query.push(" OR (division_code >= ").push_bind(within.clone());
            query.push(" AND division_code < ").push_bind(range_end(within)).push(")");
        }
        query.push(")");
        if let Some(state) = filter.state {
            query.push(" AND state = ").push_bind(state.as_str());
        }
        if let Some(after) = after {
            query.push(" AND id > ").push_bind(after);
        }
        query.push(" ORDER BY id LIMIT ").push_bind(limit);
        let found: Vec<String> = query.build_query_scalar().fetch_all(self.db.reads()).await?;
        Ok(found.iter().map(|text| read(text)).collect::<Result<_, db::Error>>()?)
    }

    async fn issue_certificate(&self, change: &Change, issue: Issue<'_>) -> Result<Stored, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(number) = tx.replayed::<String>(change).await? {
            return present(tx.stored_certificate(&number).await?, &number);
        }
        let year = issue.issued.day.year();
        let place = tx.next_certificate(year).await?;
        if place > PLACE_MAX {
            let message = "the numbers of this year are used up".into();
            return Err(Refusal { kind: Kind::Limit, reason: "CERTIFICATE_NUMBERS", message }.into());
        }
        let missing = || Refusal::missing(format!("certificateRequests/{}", issue.request));
        // The year's row is locked: nobody else issues upon the same request meanwhile.
        let request = tx.certificate_request(issue.request).await?.ok_or_else(missing)?;
        let head = tx.chain_head().await?;
        let entries = tx.certified_hours(&request.volunteer, &request.content, head.seq).await?;
        let number = number::of(year, place);
        let certificate =
            certificate::issue(&request, number.clone(), &entries, head, issue.issued, issue.own)?;
        let holder = (issue.seal)(&number);
        tx.insert_certificate(&certificate, &holder).await?;
        let request = Request { state: State::Issued, certificate: Some(number.clone()), ..request };
        tx.write_certificate_request(&request).await?;
        tx.append(change, &[event("CertificateIssued", &certificate)]).await?;
        tx.remember(change, &number).await?;
        tx.commit().await?;
        self.committed();
        Ok(Stored { certificate, holder, corrected: false })
    }

    async fn certificate(&self, number: &str) -> Result<Option<Stored>, Error> {
        Ok(self.db.reads().acquire().await?.stored_certificate(number).await?)
    }

    async fn revoke_certificate(&self, change: &Change, number: &str, reason: &str) -> Result<Stored, Error> {
        let mut tx = self.db.begin().await?;
        if tx.replayed::<String>(change).await?.is_some() {
            return present(tx.stored_certificate(number).await?, number);
        }
        tx.lock_certificate(number).await?;
        let stored = present(tx.stored_certificate(number).await?, number)?;
        let revoked = certificate::revoke(&stored.certificate, reason.to_owned(), &change.actor, change.now)?;
        tx.update_certificate(&revoked).await?;
        tx.append(change, &[event("CertificateRevoked", &revoked)]).await?;
        tx.remember(change, &number).await?;
        tx.commit().await?;
        self.committed();
        Ok(Stored { certificate: revoked, ..stored })
    }
}

fn present(stored: Option<Stored>, number: &str) -> Result<Stored, Error> {
    Ok(stored.ok_or_else(|| Refusal::missing(format!("certificates/{number}")))?)
}

fn event(kind: &'static str, certificate: &Certificate) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("certificates/{}", certificate.number),
        division_code: certificate.division_code.clone(),
        payload: json!({}),
    }
}
