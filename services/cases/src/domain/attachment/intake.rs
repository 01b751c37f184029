//! A file on its way in: its size and its type are seen while it comes, and what must not be kept is taken out.

use minqing_platform::error::{self, Error, Refusal};
use minqing_platform::status::Violation;

use super::kind::{Declared, HEAD_BYTES, Kind};
use super::{chunked, file_name, jpeg, text};

/// The fields of the request that are named in what is wrong.
const CONTENT_TYPE: &str = "file.content_type";
const FILE_NAME: &str = "file_name";
const FILE: &str = "file";

/// See the module.
#[derive(Debug)]
pub struct Intake {
    file_name: String,
    declared: Declared,
    size_bytes_max: u64,
    received_bytes: u64,
    /// The first bytes, until the type is seen from them.
    head: Vec<u8>,
    seen: Option<Seen>,
}

/// A file whose type is known.
#[derive(Debug)]
struct Seen {
    kind: Kind,
    file_name: String,
    content: Content,
}

/// How the content of a file is looked at to its end.
#[derive(Debug)]
enum Content {
    Jpeg(jpeg::Filter),
    Chunked(chunked::Filter),
    Text(text::Check),
    Opaque,
}

impl Intake {
    /// Begins, with what the client says of the file.
    ///
    /// # Errors
    /// The name is not valid, or the type said is one that is not taken.
    pub fn begin(name: &str, content_type: &str, size_bytes_max: u64) -> Result<Self, Error> {
        let file_name = file_name::read(FILE_NAME, name)?;
        let declared = Declared::read(content_type);
        if declared == Declared::Other {
            let text = format!("{content_type:?} is not a type that is taken");
            return Err(Violation::new(CONTENT_TYPE, "ATTACHMENT_TYPE_UNSUPPORTED", text).into());
        }
        Ok(Self { file_name, declared, size_bytes_max, received_bytes: 0, head: Vec::new(), seen: None })
    }

    /// Takes the next bytes; what is kept of them is put behind `kept`, perhaps later.
    ///
    /// # Errors
    /// The file is too large, or not what it should be.
    pub fn push(&mut self, bytes: &[u8], kept: &mut Vec<u8>) -> Result<(), Error> {
        self.received_bytes += bytes.len() as u64;
        if self.received_bytes > self.size_bytes_max {
            let message = format!("a file has at most {} bytes", self.size_bytes_max).into();
            let kind = error::Kind::Limit;
            return Err(Refusal { kind, reason: "ATTACHMENT_TOO_LARGE", message }.into());
        }
        if let Some(seen) = &mut self.seen {
            return seen.push(bytes, kept);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() < HEAD_BYTES { Ok(()) } else { self.see(kept) }
    }

    /// Ends; gives what the file is and its name.
    ///
    /// # Errors
    /// The file is empty, or not what it should be.
    pub fn finish(mut self, kept: &mut Vec<u8>) -> Result<(Kind, String), Error> {
        if self.received_bytes == 0 {
            return Err(Violation::new(FILE, "ATTACHMENT_EMPTY", "the file is empty").into());
        }
        if self.seen.is_none() {
            self.see(kept)?;
        }
        match self.seen {
            Some(seen) => seen.finish(),
            None => Err(Error::Internal("a file was taken without its type".to_owned())),
        }
    }

    /// Sees the type from the head, and goes on with it.
    fn see(&mut self, kept: &mut Vec<u8>) -> Result<(), Error> {
        let head = std::mem::take(&mut self.head);
        let Some(kind) = Kind::of(&head) else { return Err(unsupported()) };
        if let Declared::Taken(declared) = self.declared
            && declared != kind
        {
            let (said, is) = (declared.content_type(), kind.content_type());
            return Err(mismatch(CONTENT_TYPE, format!("says {said}, but the file is {is}")));
        }
        let file_name = file_name::suited(&self.file_name, kind).map_err(|ending| {
            mismatch(FILE_NAME, format!("ends in .{ending}, but the file is {}", kind.content_type()))
        })?;
        let content = match kind {
            Kind::Jpeg => Content::Jpeg(jpeg::Filter::default()),
            Kind::Png => Content::Chunked(chunked::Filter::new(chunked::Format::Png)),
            Kind::Webp => Content::Chunked(chunked::Filter::new(chunked::Format::Webp)),
            Kind::Text => Content::Text(text::Check::default()),
            _ => Content::Opaque,
        };
        let mut seen = Seen { kind, file_name, content };
        seen.push(&head, kept)?;
        self.seen = Some(seen);
        Ok(())
    }
}

impl Seen {
    fn push(&mut self, bytes: &[u8], kept: &mut Vec<u8>) -> Result<(), Error> {
        match &mut self.content {
            Content::Jpeg(filter) => filter.push(bytes, kept).map_err(|jpeg::Damaged| damaged()),
            Content::Chunked(filter) => filter.push(bytes, kept).map_err(|chunked::Damaged| damaged()),
            Content::Text(check) => {
                if !check.push(bytes) {
                    return Err(unsupported());
                }
                kept.extend_from_slice(bytes);
                Ok(())
            }
            Content::Opaque => {
                kept.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn finish(self) -> Result<(Kind, String), Error> {
        match self.content {
            Content::Jpeg(filter) => filter.finish().map_err(|jpeg::Damaged| damaged())?,
            Content::Chunked(filter) => filter.finish().map_err(|chunked::Damaged| damaged())?,
            Content::Text(check) if !check.is_whole() => return Err(unsupported()),
            Content::Text(_) | Content::Opaque => {}
        }
        Ok((self.kind, self.file_name))
    }
}

fn mismatch(field: &str, text: String) -> Error {
    Violation::new(field, "ATTACHMENT_TYPE_MISMATCH", text).into()
}

fn damaged() -> Error {
    Violation::new(FILE, "ATTACHMENT_DAMAGED", "begins like a picture of its type, but is none").into()
}

fn unsupported() -> Error {
    let text = "is not a photo, recording or document of a type that is taken";
    Violation::new(FILE, "ATTACHMENT_TYPE_UNSUPPORTED", text).into()
}
