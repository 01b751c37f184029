//! What a file is, seen from its first bytes: the types that are taken, by their published signatures.
//!
//! To take another type: a variant, its line in `TABLE`, and its signature in [`Kind::of`].

/// How many first bytes of a file are looked at; an OOXML document may begin with other parts of its package.
pub const HEAD_BYTES: usize = 64 << 10;

/// The types that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
    /// HEIC, the photos of iPhones.
    Heic,
    /// GIF.
    Gif,
    /// PDF.
    Pdf,
    /// MP4 video.
    Mp4,
    /// MP3.
    Mp3,
    /// AMR, the voice messages of phones.
    Amr,
    /// WAV.
    Wav,
    /// Word, without macros.
    Docx,
    /// Excel, without macros.
    Xlsx,
    /// PowerPoint, without macros.
    Pptx,
    /// OpenDocument text.
    Odt,
    /// OpenDocument spreadsheet.
    Ods,
    /// OpenDocument presentation.
    Odp,
    /// Plain text in UTF-8.
    Text,
}

/// Each type with its media types, the proper one first, and the endings of its names, the usual one first.
#[rustfmt::skip]
const TABLE: [(Kind, &[&str], &[&str]); 17] = [
    (Kind::Jpeg, &["image/jpeg", "image/jpg", "image/pjpeg"], &["jpg", "jpeg", "jpe", "jfif"]),
    (Kind::Png, &["image/png"], &["png"]),
    (Kind::Webp, &["image/webp"], &["webp"]),
    (Kind::Heic, &["image/heic", "image/heif", "image/heic-sequence"], &["heic", "heif", "hif"]),
    (Kind::Gif, &["image/gif"], &["gif"]),
    (Kind::Pdf, &["application/pdf", "application/x-pdf"], &["pdf"]),
    (Kind::Mp4, &["video/mp4", "video/x-m4v"], &["mp4", "m4v"]),
    (Kind::Mp3, &["audio/mpeg", "audio/mp3"], &["mp3"]),
    (Kind::Amr, &["audio/amr", "audio/amr-wb"], &["amr", "awb"]),
    (Kind::Wav, &["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"], &["wav"]),
    (Kind::Docx, &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"], &["docx"]),
    (Kind::Xlsx, &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"], &["xlsx"]),
    (Kind::Pptx, &["application/vnd.openxmlformats-officedocument.presentationml.presentation"], &["pptx"]),
    (Kind::Odt, &["application/vnd.oasis.opendocument.text"], &["odt"]),
    (Kind::Ods, &["application/vnd.oasis.opendocument.spreadsheet"], &["ods"]),
    (Kind::Odp, &["application/vnd.oasis.opendocument.presentation"], &["odp"]),
    (Kind::Text, &["text/plain"], &["txt", "text", "log", "csv", "md"]),
];

/// What says nothing of a file: the types that clients give when they do not know. The last one is what curl and Python's
/// urllib say of any body unless they are told.
const VAGUE: [&str; 4] =
    ["", "application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded"];

/// What a client says of a file's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// Nothing.
    Nothing,
    /// A type that is taken.
    Taken(Kind),
    /// Another one.
    Other,
}

impl Declared {
    /// Reads a media type; its parameters, such as a charset, are passed over.
    pub fn read(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if VAGUE.contains(&essence.as_str()) {
            return Self::Nothing;
        }
        let known = TABLE.iter().find(|(_, types, _)| types.contains(&essence.as_str()));
        known.map_or(Self::Other, |(kind, ..)| Self::Taken(*kind))
    }
}

impl Kind {
    /// Every type that is taken.
    pub const ALL: [Self; 17] = {
        let mut all = [Self::Jpeg; 17];
        let mut place = 0;
        while place < TABLE.len() {
            all[place] = TABLE[place].0;
            place += 1;
        }
        all
    };

    fn row(self) -> &'static (Self, &'static [&'static str], &'static [&'static str]) {
        TABLE.iter().find(|(kind, ..)| *kind == self).unwrap_or(&TABLE[0])
    }

    /// The media type.
    pub fn content_type(self) -> &'static str {
        self.row().1[0]
    }

    /// The usual ending of a name, without its dot.
    pub fn extension(self) -> &'static str {
        self.row().2[0]
    }

    /// Whether names of such files end so, in lower case.
    pub fn has_extension(self, extension: &str) -> bool {
        self.row().2.contains(&extension)
    }

    /// The type of a media type, as [`Self::content_type`] gives it.
    pub fn named(content_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.content_type() == content_type)
    }

    /// The type whose names end so, in lower case.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.has_extension(extension))
    }

    /// The type of a file by its first bytes, [`HEAD_BYTES`] of them or all; none where it is not one that is taken.
    /// That a text is one to its end is for [`super::text`] to see.
    pub fn of(head: &[u8]) -> Option<Self> {
        let at = |offset: usize, bytes: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(bytes));
        match head {
            _ if at(0, b"\xFF\xD8\xFF") => Some(Self::Jpeg),
            _ if at(0, b"\x89PNG\r\n\x1A\n") => Some(Self::Png),
            _ if at(0, b"GIF87a") || at(0, b"GIF89a") => Some(Self::Gif),
            _ if at(0, b"RIFF") && at(8, b"WEBP") => Some(Self::Webp),
            _ if at(0, b"RIFF") && at(8, b"WAVE") => Some(Self::Wav),
            _ if at(0, b"%PDF-") => Some(Self::Pdf),
            _ if at(0, b"#!AMR\n") || at(0, b"#!AMR-WB\n") => Some(Self::Amr),
            _ if at(4, b"ftyp") => of_brands(head),
            _ if at(0, b"PK\x03\x04") => of_package(head),
            _ if is_mp3(head) => Some(Self::Mp3),
            _ if super::text::may_begin(head) => Some(Self::Text),
            _ => None,
        }
    }
}

/// ISO base media: the brands of the first box say which of its family it is.
fn of_brands(head: &[u8]) -> Option<Kind> {
    const MP4: [&[u8]; 11] =
        [b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"];
    const HEIC: [&[u8]; 6] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"];
    let length = head.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))?;
    let brands = head.get(8..usize::try_from(length).ok()?.min(head.len()))?;
    let major = brands.get(..4)?;
    if HEIC.contains(&major) {
        return Some(Kind::Heic);
    }
    if MP4.contains(&major) {
        return Some(Kind::Mp4);
    }
    // `mif1` is any picture of the family; what is in it stands among the compatible ones.
    let compatible = brands.get(8..).unwrap_or_default();
    let coded_so = matches!(major, b"mif1" | b"msf1") && compatible.chunks(4).any(|one| HEIC.contains(&one));
    coded_so.then_some(Kind::Heic)
}

/// ZIP: what the package is stands in its first entry (OpenDocument), or in the folders of its entries (OOXML).
fn of_package(head: &[u8]) -> Option<Kind> {
    const DOCUMENTS: [(Kind, &[u8]); 3] =
        [(Kind::Docx, b"word/"), (Kind::Xlsx, b"xl/"), (Kind::Pptx, b"ppt/")];
    const OPENING: [&[u8]; 3] = [b"[Content_Types].xml", b"_rels/", b"docProps/"];
    let mut entries = Entries { head, from: 0 };
    let first = entries.next()?;
    if first == b"mimetype" {
        let content = head.get(LOCAL_HEADER_BYTES + first.len()..)?;
        let exact = |kind: &Kind| {
            let wanted = kind.content_type().as_bytes();
            // The next entry's signature follows: a longer type, such as that of a template, is another one.
            content.starts_with(wanted)
                && content.get(wanted.len()..).is_some_and(|rest| rest.starts_with(b"PK"))
        };
        return [Kind::Odt, Kind::Ods, Kind::Odp].into_iter().find(exact);
    }
    let document = |name: &[u8]| DOCUMENTS.into_iter().find(|(_, folder)| name.starts_with(folder));
    if document(first).is_none() && !OPENING.iter().any(|opening| first.starts_with(opening)) {
        return None;
    }
    let names = || Entries { head, from: 0 };
    if names().any(|name| name.ends_with(b"vbaProject.bin")) {
        return None;
    }
    names().find_map(document).map(|(kind, _)| kind)
}

const LOCAL_HEADER_BYTES: usize = 30;

/// The names of the entries whose headers are in the head of a ZIP file. Lengths may stand behind the content, so headers
/// are searched by their signature.
struct Entries<'h> {
    head: &'h [u8],
    from: usize,
}

impl<'h> Iterator for Entries<'h> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<&'h [u8]> {
        let rest = self.head.get(self.from..)?;
        let start = self.from + rest.windows(4).position(|window| window == b"PK\x03\x04")?;
        self.from = start + 4;
        let length = self.head.get(start + 26..start + 28)?;
        let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
        let name = start + LOCAL_HEADER_BYTES;
        self.head.get(name..name + length)
    }
}

/// MP3: a tag in front, or a frame of layer III whose figures exist.
fn is_mp3(head: &[u8]) -> bool {
    match head {
        [b'I', b'D', b'3', 2..=4, 0 | 1, ..] => true,
        [0xFF, second, third, ..] => {
            let (version, layer) = ((second >> 3) & 3, (second >> 1) & 3);
            let (rate, frequency) = (third >> 4, (third >> 2) & 3);
            second >> 5 == 7 && version != 1 && layer == 1 && !matches!(rate, 0 | 15) && frequency != 3
        }
        _ => false,
    }
}
