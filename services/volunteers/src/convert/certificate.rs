//! Certificates between messages and domain.

use chrono::NaiveDate;
use minqing_platform::field::{date, name, timestamp};
use minqing_platform::mask::mask_name;
use minqing_platform::named::number;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use uuid::Uuid;

use crate::domain::certificate::{Content, Holder, Request, check, number as numbers};
use crate::store::certificate::Stored;

/// Reads what is to be certified.
///
/// # Errors
/// What is wrong with it.
pub fn certificate_content(
    given: Option<&proto::CertificateContent>,
    today: NaiveDate,
) -> Result<Content, Violation> {
    let given = given.ok_or_else(|| Violation::required("content"))?;
    let day = |name: &str, text: &str| {
        let field = format!("content.{name}");
        date(&field, text)?.ok_or_else(|| Violation::required(field))
    };
    let content = Content {
        from: day("from_day", &given.from_day)?,
        to: day("to_day", &given.to_day)?,
        shows_name: given.shows_name,
        shows_hours: given.shows_hours,
    };
    check("content", &content, today)?;
    Ok(content)
}

fn content(content: &Content) -> proto::CertificateContent {
    proto::CertificateContent {
        from_day: content.from.to_string(),
        to_day: content.to.to_string(),
        shows_name: content.shows_name,
        shows_hours: content.shows_hours,
    }
}

/// Reads the name of a request.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn certificate_request_id(field: &str, text: &str) -> Result<Uuid, Violation> {
    let id = name(field, "certificateRequests", text)?;
    let parsed = Uuid::try_parse(id).ok().filter(|uuid| uuid.to_string() == id);
    parsed.ok_or_else(|| {
        Violation::new(field, "INVALID_NAME", "must be of the form certificateRequests/{uuid}")
    })
}

/// Reads the name of a certificate; gives its number.
///
/// # Errors
/// The field is empty, is no such name, or a digit is wrong.
pub fn certificate_number(field: &str, text: &str) -> Result<String, Violation> {
    numbers::read(field, name(field, "certificates", text)?)
}

/// A request as a message.
pub fn certificate_request(request: &Request) -> proto::CertificateRequest {
    proto::CertificateRequest {
        name: format!("certificateRequests/{}", request.id),
        volunteer: format!("volunteers/{}", request.volunteer),
        content: Some(content(&request.content)),
        state: number(request.state),
        certificate: request
            .certificate
            .as_ref()
            .map(|number| format!("certificates/{number}"))
            .unwrap_or_default(),
        create_time: Some(timestamp(request.create_time)),
    }
}

/// A certificate as a message; with the code for whoever may know it.
pub fn certificate(stored: &Stored, code: Option<String>) -> proto::Certificate {
    let certificate = &stored.certificate;
    let line = |line: &crate::domain::certificate::Line| proto::CertificateLine {
        team: format!("teams/{}", line.team),
        post: format!("posts/{}", line.post),
        minutes: line.minutes,
        times: line.times,
    };
    proto::Certificate {
        name: format!("certificates/{}", certificate.number),
        volunteer: format!("volunteers/{}", certificate.volunteer),
        content: Some(content(&certificate.content)),
        lines: certificate.lines.iter().map(line).collect(),
        minutes: certificate.minutes(),
        issuer: certificate.issued.issuer.clone(),
        handler: certificate.issued.handler.clone(),
        contact: certificate.issued.contact.clone(),
        issue_day: certificate.issued.day.to_string(),
        verification_code: code.unwrap_or_default(),
        corrected_after_issue: stored.corrected,
        revoke_reason: certificate.revoked.as_ref().map(|revoked| revoked.reason.clone()).unwrap_or_default(),
        revoke_time: certificate.revoked.as_ref().map(|revoked| timestamp(revoked.time)),
    }
}

/// What anybody learns of a certificate: what the holder chose to show.
pub fn verified_certificate(stored: &Stored, holder: &Holder) -> proto::VerifiedCertificate {
    let certificate = &stored.certificate;
    let hours = certificate.content.shows_hours;
    let day = |day: NaiveDate| if hours { day.to_string() } else { String::new() };
    proto::VerifiedCertificate {
        name: format!("certificates/{}", certificate.number),
        is_valid: certificate.revoked.is_none(),
        corrected_after_issue: stored.corrected,
        issuer: certificate.issued.issuer.clone(),
        issue_day: certificate.issued.day.to_string(),
        holder: if certificate.content.shows_name { mask_name(&holder.display_name) } else { String::new() },
        minutes: hours.then(|| certificate.minutes()),
        from_day: day(certificate.content.from),
        to_day: day(certificate.content.to),
    }
}

/// How a browser is told to save a file. Our names of files are plain ASCII.
pub fn content_disposition(file_name: &str) -> String {
    format!("attachment; filename=\"{file_name}\"")
}
