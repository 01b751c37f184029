//! A PNG or WebP on its way in, without what tells where it was taken.
//!
//! Both are a row of chunks. Of a PNG those are left out that hold Exif data or texts, and whatever follows its end. A WebP
//! says its size at its beginning, which is gone when the end is seen: chunks with Exif data or XMP keep their size, and
//! hold nothing. The picture itself is not touched. Only the head of a chunk is in memory.

/// It is neither, though it begins like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PNG: lengths with the most significant byte first, then the type; a checksum behind the content.
    Png,
    /// WebP (RIFF): the type, then lengths with the least significant byte first; an odd content has a byte behind it.
    Webp,
}

/// Before the first chunk, bytes: the signature of a PNG; `RIFF`, the size and `WEBP`.
const PNG_HEAD: usize = 8;
const WEBP_HEAD: usize = 12;
/// The type and the length of a chunk.
const CHUNK_HEAD: usize = 8;
/// What a PNG says in words or as Exif data.
const PNG_TELLING: [&[u8]; 4] = [b"eXIf", b"tEXt", b"zTXt", b"iTXt"];
const WEBP_TELLING: [&[u8]; 2] = [b"EXIF", b"XMP "];
/// A chunk that readers pass over.
const NOTHING: &[u8] = b"JUNK";
/// In the first byte of `VP8X`: that there are Exif data, and XMP.
const WEBP_TELLS: u8 = 0b0000_1100;

/// What becomes of the bytes of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    /// Kept, but for bits of the first byte.
    Cleared(u8),
    /// As many zeros.
    Blanked,
    Dropped,
}

/// See the module.
#[derive(Debug)]
pub struct Filter {
    format: Format,
    /// The head that comes: of the file, then of each chunk.
    head: Vec<u8>,
    /// Whether the head of the file was seen.
    begun: bool,
    /// What is missing of the chunk that comes, and what becomes of it.
    missing: u64,
    fate: Fate,
    /// What a WebP says is left of it behind its head.
    left: u64,
    has_picture: bool,
    ended: bool,
}

impl Filter {
    /// Nothing came yet.
    pub const fn new(format: Format) -> Self {
        Self {
            format,
            head: Vec::new(),
            begun: false,
            missing: 0,
            fate: Fate::Kept,
            left: 0,
            has_picture: false,
            ended: false,
        }
    }

    /// Takes the next bytes; what is kept of them is put behind `kept`.
    ///
    /// # Errors
    /// It is no picture of its format.
    pub fn push(&mut self, mut bytes: &[u8], kept: &mut Vec<u8>) -> Result<(), Damaged> {
        while !bytes.is_empty() && !self.ended {
            let taken =
                if self.missing > 0 { self.content(bytes, kept) } else { self.take_head(bytes, kept)? };
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    /// Ends. A picture whose last lines are missing is still one.
    ///
    /// # Errors
    /// There was no picture.
    pub fn finish(self) -> Result<(), Damaged> {
        if self.has_picture { Ok(()) } else { Err(Damaged) }
    }

    fn content(&mut self, bytes: &[u8], kept: &mut Vec<u8>) -> usize {
        let most = usize::try_from(self.missing).unwrap_or(usize::MAX);
        let taken = bytes.len().min(most);
        match self.fate {
            Fate::Kept => kept.extend_from_slice(&bytes[..taken]),
            Fate::Cleared(bits) => {
                kept.push(bytes[0] & !bits);
                kept.extend_from_slice(&bytes[1..taken]);
                self.fate = Fate::Kept;
            }
            Fate::Blanked => kept.resize(kept.len() + taken, 0),
            Fate::Dropped => {}
        }
        self.missing -= taken as u64;
        self.ended = self.format == Format::Webp && self.missing == 0 && self.left < CHUNK_HEAD as u64;
        taken
    }

    fn take_head(&mut self, bytes: &[u8], kept: &mut Vec<u8>) -> Result<usize, Damaged> {
        let size = match (self.begun, self.format) {
            (true, _) => CHUNK_HEAD,
            (false, Format::Png) => PNG_HEAD,
            (false, Format::Webp) => WEBP_HEAD,
        };
        let taken = bytes.len().min(size - self.head.len());
        self.head.extend_from_slice(&bytes[..taken]);
        if self.head.len() == size {
            let head = std::mem::take(&mut self.head);
            match (self.begun, self.format) {
                (true, Format::Png) => self.png_chunk(&head, kept)?,
                (true, Format::Webp) => self.webp_chunk(&head, kept),
                (false, format) => {
                    self.begun = true;
                    if format == Format::Webp {
                        // The size counts `WEBP` as well.
                        self.left = u64::from(little(&head[4..8])).checked_sub(4).ok_or(Damaged)?;
                        self.ended = self.left < CHUNK_HEAD as u64;
                    }
                    kept.extend_from_slice(&head);
                }
            }
        }
        Ok(taken)
    }

    fn png_chunk(&mut self, head: &[u8], kept: &mut Vec<u8>) -> Result<(), Damaged> {
        let (length, kind) = (big(&head[..4]), &head[4..]);
        if length > i32::MAX.unsigned_abs() || !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(Damaged);
        }
        // Its first chunk says how large it is.
        self.has_picture |= kind == b"IHDR";
        self.fate = if PNG_TELLING.contains(&kind) { Fate::Dropped } else { Fate::Kept };
        if self.fate == Fate::Kept {
            kept.extend_from_slice(head);
        }
        // With its checksum. The end has no content: its checksum is always this one.
        self.missing = u64::from(length) + 4;
        if kind == b"IEND" {
            kept.truncate(kept.len() - CHUNK_HEAD);
            kept.extend_from_slice(b"\0\0\0\0IEND\xAE\x42\x60\x82");
            self.ended = true;
        }
        Ok(())
    }

    fn webp_chunk(&mut self, head: &[u8], kept: &mut Vec<u8>) {
        let (kind, length) = (&head[..4], u64::from(little(&head[4..])));
        self.has_picture |= [b"VP8 ", b"VP8L", b"ANMF"].iter().any(|picture| *picture == kind);
        self.fate = match kind {
            _ if WEBP_TELLING.contains(&kind) => Fate::Blanked,
            b"VP8X" => Fate::Cleared(WEBP_TELLS),
            _ => Fate::Kept,
        };
        kept.extend_from_slice(if self.fate == Fate::Blanked { NOTHING } else { kind });
        kept.extend_from_slice(&head[4..]);
        // Whatever lies behind what the file says of its size is not of it.
        let behind = self.left - CHUNK_HEAD as u64;
        self.missing = (length + length % 2).min(behind);
        self.left = behind - self.missing;
        self.ended = self.missing == 0 && self.left < CHUNK_HEAD as u64;
    }
}

fn big(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}

fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}
