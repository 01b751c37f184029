//! Attachments between messages and domain.

use std::fmt::Write as _;

use minqing_platform::field;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use uuid::Uuid;

use crate::domain::attachment::{Attachment, Hash};

/// An attachment as a message.
pub fn attachment(attachment: Attachment) -> proto::Attachment {
    let state = match attachment.case_number {
        None => proto::AttachmentState::Pending,
        Some(_) => proto::AttachmentState::Attached,
    };
    proto::Attachment {
        name: attachment_name_of(attachment.id),
        file_name: attachment.file_name,
        content_type: attachment.kind.content_type().to_owned(),
        size_bytes: i64::try_from(attachment.size_bytes).unwrap_or(i64::MAX),
        sha256: hexadecimal(&attachment.sha256),
        state: state.into(),
        case_number: attachment.case_number.unwrap_or_default(),
        create_time: Some(field::timestamp(attachment.create_time)),
    }
}

/// The name of an attachment.
pub fn attachment_name_of(id: Uuid) -> String {
    format!("attachments/{id}")
}

/// Reads the name of an attachment.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn attachment_name(field: &str, text: &str) -> Result<Uuid, Violation> {
    let id = field::name(field, "attachments", text)?;
    // Only the form that names are given in: two names of one thing would be compared as different.
    let parsed = Uuid::try_parse(id).ok().filter(|uuid| uuid.to_string() == id);
    parsed.ok_or_else(|| Violation::new(field, "INVALID_NAME", "must be the name of an attachment"))
}

fn hexadecimal(hash: &Hash) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// How a browser is told to save a file, and under which name (RFC 6266): once in ASCII for old clients, once in UTF-8.
pub fn content_disposition(file_name: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_.() ".contains(character);
    let ascii: String =
        file_name.chars().map(|character| if plain(character) { character } else { '_' }).collect();
    let mut encoded = String::with_capacity(file_name.len() * 3);
    for byte in file_name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_chinese_is_given_twice_and_no_name_breaks_out_of_its_quotes() {
        assert_eq!(
            content_disposition("路灯 1.jpg"),
            "attachment; filename=\"__ 1.jpg\"; filename*=UTF-8''%E8%B7%AF%E7%81%AF%201.jpg"
        );
        let odd = content_disposition("a\"; filename=b.html");
        assert_eq!(odd.matches('"').count(), 2, "{odd}");
        assert!(odd.is_ascii());
    }

    #[test]
    fn an_attachment_has_one_name_only() {
        let id = Uuid::now_v7();
        assert_eq!(attachment_name("name", &attachment_name_of(id)), Ok(id));
        for odd in [
            id.to_string(),
            format!("attachments/{}", id.simple()),
            format!("attachments/{}", id.to_string().to_uppercase()),
            "attachments/../1".to_owned(),
            String::new(),
        ] {
            assert!(attachment_name("name", &odd).is_err(), "{odd}");
        }
    }
}
