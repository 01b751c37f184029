//! From a request's headers to its caller.

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use tonic::Status;

use super::appointments::{AppointmentSource, Linked};
use super::jwks::Key;
use super::options::{AppointmentsFrom, Invalid, IssuerOptions, Options};
use super::source::Keys;
use super::token::{self, Claims, Unverified};
use super::{Appointment, Caller, Error};
use crate::clock;
use crate::recent::Recent;

/// How many verified tokens each half of the memory holds.
const HALF_MAX: usize = 4096;

/// Recognises callers by their tokens.
pub struct Authenticator {
    issuers: Vec<Trusted>,
    leeway_s: u32,
    appointments: Arc<dyn AppointmentSource>,
    clock: clock::Shared,
    memory: Mutex<Memory>,
}

struct Trusted {
    options: IssuerOptions,
    keys: Arc<Keys>,
}

/// A token whose signature was checked.
struct Verified {
    /// The index of its issuer.
    issuer: usize,
    claims: Claims,
    granted: Vec<Appointment>,
    key: Arc<Key>,
}

/// Tokens verified of late by their digests, so that a signature is checked once and not on every call.
type Memory = Recent<[u8; 32], Arc<Verified>>;

impl Authenticator {
    /// An authenticator for the configured issuers. No key is fetched yet.
    ///
    /// # Errors
    /// The first field of the configuration that is wrong.
    pub fn new(
        options: Options,
        appointments: Arc<dyn AppointmentSource>,
        clock: clock::Shared,
    ) -> Result<Self, Invalid> {
        options.validate()?;
        let mut issuers = Vec::with_capacity(options.issuers.len());
        for (index, options) in options.issuers.into_iter().enumerate() {
            let keys = Keys::new(&options).map_err(|fault| Invalid {
                field: format!("issuers[{index}].{}", fault.field),
                fault: fault.fault,
            })?;
            issuers.push(Trusted { options, keys });
        }
        let memory = Mutex::new(Recent::new(HALF_MAX));
        Ok(Self { issuers, leeway_s: options.leeway_s, appointments, clock, memory })
    }

    /// The caller of a request, by its `authorization` header; without one, the anonymous caller.
    ///
    /// # Errors
    /// UNAUTHENTICATED or UNAVAILABLE with the reason of [`Error`].
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Status> {
        Ok(self.authenticate(bearer(headers)?).await?)
    }

    /// The caller who bears a token; without one, the anonymous caller.
    ///
    /// # Errors
    /// Why the token is refused, or could not be checked.
    pub async fn authenticate(&self, bearer: Option<&str>) -> Result<Caller, Error> {
        let Some(token) = bearer else {
            return Ok(Caller::anonymous());
        };
        token::check_size(token)?;
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let verified = match self.remembered(&digest).await? {
            Some(verified) => verified,
            None => {
                let verified = Arc::new(self.verify(token).await?);
                self.with_memory(|memory| memory.put(digest, Arc::clone(&verified)));
                verified
            }
        };
        self.caller_of(&verified).await
    }

    /// The token as verified before, when it is in force still and its key is published still.
    async fn remembered(&self, digest: &[u8; 32]) -> Result<Option<Arc<Verified>>, Error> {
        let Some(verified) = self.with_memory(|memory| memory.get(digest).cloned()) else {
            return Ok(None);
        };
        let now = self.clock.now();
        if let Err(error) = verified.claims.check_times(now, self.leeway_s) {
            self.with_memory(|memory| memory.remove(digest));
            return Err(error);
        }
        if !self.issuers[verified.issuer].keys.current(now).await?.contains(&verified.key) {
            self.with_memory(|memory| memory.remove(digest));
            return Ok(None);
        }
        Ok(Some(verified))
    }

    async fn verify(&self, token: &str) -> Result<Verified, Error> {
        let now = self.clock.now();
        let token = Unverified::parse(token)?;
        // The issuer's name is unproven as yet. It only chooses whose keys must prove it.
        let index = self
            .issuers
            .iter()
            .position(|trusted| trusted.options.issuer == token.claims.iss)
            .ok_or(Error::Issuer)?;
        let Trusted { options, keys } = &self.issuers[index];
        if !options.algorithms.contains(&token.algorithm) {
            return Err(Error::Algorithm);
        }
        let key = keys.find(token.key_id.as_deref(), token.algorithm, now).await?;
        key.verify(token.algorithm, token.message, token.signature)?;
        token.claims.check_parties(&options.audience)?;
        token.claims.check_times(now, self.leeway_s)?;
        let granted = match options.appointments {
            AppointmentsFrom::FromToken => token.claims.granted()?,
            AppointmentsFrom::FromRegistry => Vec::new(),
        };
        Ok(Verified { issuer: index, claims: token.claims, granted, key })
    }

    async fn caller_of(&self, verified: &Verified) -> Result<Caller, Error> {
        let Verified { issuer, claims, granted, .. } = verified;
        let linked = match self.issuers[*issuer].options.appointments {
            AppointmentsFrom::FromToken => Linked { person: claims.person(), appointments: granted.clone() },
            AppointmentsFrom::FromRegistry => self
                .appointments
                .appointments(&claims.iss, &claims.sub, self.clock.now())
                .await
                .map_err(|_| Error::AppointmentsUnavailable)?,
        };
        let Linked { person, mut appointments } = linked;
        // Somebody "appointed" anonymous or citizen with a division would be more narrowly a citizen than all others.
        appointments.retain(|appointment| appointment.role.is_appointable());
        Ok(Caller { issuer: claims.iss.clone(), subject: claims.sub.clone(), person, appointments })
    }

    fn with_memory<T>(&self, act: impl FnOnce(&mut Memory) -> T) -> T {
        act(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The token of the `authorization` header. Several headers are refused: two readers could choose differently.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Error> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().map_err(|_| Error::Scheme)?,
        (Some(_), Some(_)) => return Err(Error::Scheme),
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Error::Scheme),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::identity::Nobody;
    use crate::identity::issuer::{AUDIENCE, BuiltIn};

    #[tokio::test]
    async fn a_verified_token_is_remembered_and_a_refused_one_is_not() {
        let clock = Arc::new(clock::Manual::at(chrono::DateTime::UNIX_EPOCH));
        let built_in = BuiltIn::from_seed(&[7; 32]);
        let options = Options { issuers: vec![built_in.options()], ..Options::default() };
        let authenticator = Authenticator::new(options, Arc::new(Nobody), clock.clone()).unwrap();
        let mint = |audience| built_in.mint("demo", &[], chrono::Duration::hours(1), clock.now(), audience);
        let (good, bad) = (mint(AUDIENCE), mint("elsewhere"));
        for _ in 0..2 {
            assert!(authenticator.authenticate(Some(&good)).await.is_ok());
            assert!(authenticator.authenticate(Some(&bad)).await.is_err());
        }
        let digest: [u8; 32] = Sha256::digest(good.as_bytes()).into();
        authenticator.with_memory(|memory| {
            assert_eq!(memory.len(), 1);
            assert!(memory.get(&digest).is_some());
        });
    }
}
