//! Certificates of service.

mod download_certificate;
mod get_certificate;
mod issue_certificate;
mod list_certificate_requests;
mod print;
mod request_certificate;
mod revoke_certificate;
mod verify_certificate;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::seal::Keyring;
use minqing_proto::google::api::HttpBody;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::certificate_service_server::CertificateService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::domain::certificate::{Holder, number};
use crate::store::certificate::Stored;
use crate::{Volunteers, convert};

/// A certificate that a caller may do something to.
struct Seen {
    stored: Stored,
    /// Whether it is the caller's own.
    own: bool,
}

impl Seen {
    /// The code is told to the holder alone: whoever has it sees what the holder shows.
    fn message(&self, volunteers: &Volunteers) -> proto::Certificate {
        let code = self.own.then(|| number::code(&volunteers.keyring, &self.stored.certificate.number));
        convert::certificate(&self.stored, code)
    }
}

/// Finds a certificate, if the caller may do something to it.
async fn seen(volunteers: &Volunteers, call: &Call, action: &str, number: &str) -> Result<Seen, Error> {
    let missing = || Refusal::missing(format!("certificates/{number}"));
    volunteers.authorize(call, action, Target { division: None, own: true })?;
    let stored = volunteers.store.certificate(number).await?.ok_or_else(missing)?;
    let own = volunteers.own_volunteer(call).await?;
    let own = own.is_some_and(|own| own.number == stored.certificate.volunteer);
    let target = Target { division: Some(&stored.certificate.division_code), own };
    match volunteers.authorize(call, action, target) {
        Ok(()) => Ok(Seen { stored, own }),
        Err(denied) if own => Err(denied),
        Err(_) => Err(missing().into()),
    }
}

/// To what the holder of a certificate is bound when sealed.
fn context(number: &str) -> String {
    format!("certificates.holder/{number}")
}

/// Who the holder of a certificate is.
fn holder(keyring: &Keyring, stored: &Stored) -> Result<Holder, Error> {
    let bug =
        |error: &dyn std::fmt::Display| Error::Internal(format!("the holder of a certificate: {error}"));
    let text =
        keyring.open(&stored.holder, &context(&stored.certificate.number)).map_err(|error| bug(&error))?;
    serde_json::from_str(&text).map_err(|error| bug(&error))
}

#[tonic::async_trait]
impl CertificateService for Volunteers {
    async fn request_certificate(
        &self,
        request: Request<proto::RequestCertificateRequest>,
    ) -> Result<Response<proto::CertificateRequest>, Status> {
        answer(request_certificate::handle(self, request).await)
    }

    async fn list_certificate_requests(
        &self,
        request: Request<proto::ListCertificateRequestsRequest>,
    ) -> Result<Response<proto::ListCertificateRequestsResponse>, Status> {
        answer(list_certificate_requests::handle(self, request).await)
    }

    async fn issue_certificate(
        &self,
        request: Request<proto::IssueCertificateRequest>,
    ) -> Result<Response<proto::Certificate>, Status> {
        answer(issue_certificate::handle(self, request).await)
    }

    async fn get_certificate(
        &self,
        request: Request<proto::GetCertificateRequest>,
    ) -> Result<Response<proto::Certificate>, Status> {
        answer(get_certificate::handle(self, request).await)
    }

    async fn revoke_certificate(
        &self,
        request: Request<proto::RevokeCertificateRequest>,
    ) -> Result<Response<proto::Certificate>, Status> {
        answer(revoke_certificate::handle(self, request).await)
    }

    async fn download_certificate(
        &self,
        request: Request<proto::DownloadCertificateRequest>,
    ) -> Result<Response<HttpBody>, Status> {
        download_certificate::handle(self, request).await
    }

    async fn verify_certificate(
        &self,
        request: Request<proto::VerifyCertificateRequest>,
    ) -> Result<Response<proto::VerifiedCertificate>, Status> {
        answer(verify_certificate::handle(self, request).await)
    }
}
