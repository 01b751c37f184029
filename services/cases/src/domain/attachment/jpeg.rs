//! A JPEG on its way in, without the place where it was taken.
//!
//! A JPEG is a row of segments, each of at most 64 KiB, with the picture behind the last ones; one segment is in memory
//! at a time. Removed are the place in the Exif data, packets that may repeat it (XMP, IPTC), and whatever follows the
//! picture's end, where phones put films and second pictures with places of their own. The picture itself is not
//! touched: its bytes are the same.

use super::exif;

/// It is no JPEG, though it begins like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

const EXIF: &[u8] = b"Exif\0\0";
/// The index of second pictures, which are removed.
const PICTURES: &[u8] = b"MPF\0";

const START: u8 = 0xD8;
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;
/// Application data: Exif and XMP, colour profiles and more, Photoshop.
const APP_1: u8 = 0xE1;
const APP_2: u8 = 0xE2;
const APP_13: u8 = 0xED;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A marker comes, which begins with 0xFF.
    Marker,
    /// The code of a marker comes.
    Code,
    /// A segment comes; so many of its bytes are missing, or its length is not known yet.
    Segment(Option<usize>),
    /// The picture comes.
    Picture,
    /// The picture comes, and its last byte was 0xFF.
    PictureCode,
    /// The picture has ended.
    Ended,
}

/// See the module.
#[derive(Debug)]
pub struct Filter {
    state: State,
    /// The segment that comes, from its marker on.
    segment: Vec<u8>,
    begun: bool,
    /// Whether there was any picture.
    has_picture: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Self { state: State::Marker, segment: Vec::new(), begun: false, has_picture: false }
    }
}

impl Filter {
    /// Takes the next bytes; what is kept of them is put behind `kept`.
    ///
    /// # Errors
    /// It is no JPEG.
    pub fn push(&mut self, mut bytes: &[u8], kept: &mut Vec<u8>) -> Result<(), Damaged> {
        while let Some(byte) = bytes.first().copied() {
            let taken = match self.state {
                State::Ended => return Ok(()),
                State::Picture => self.picture(bytes, kept),
                State::Segment(Some(missing)) => self.segment(bytes, missing, kept),
                State::Marker => {
                    self.state = if byte == 0xFF { State::Code } else { return Err(Damaged) };
                    1
                }
                State::Code => {
                    self.code(byte, kept)?;
                    1
                }
                State::Segment(None) => {
                    self.length(byte, kept)?;
                    1
                }
                State::PictureCode => {
                    self.picture_code(byte, kept)?;
                    1
                }
            };
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

    fn code(&mut self, code: u8, kept: &mut Vec<u8>) -> Result<(), Damaged> {
        if !std::mem::replace(&mut self.begun, true) {
            self.state = State::Marker;
            kept.extend_from_slice(&[0xFF, START]);
            return if code == START { Ok(()) } else { Err(Damaged) };
        }
        match code {
            // Any number of these may fill the place before a code.
            0xFF => {}
            0x00 | START => return Err(Damaged),
            0x01 | 0xD0..=0xD7 => {
                kept.extend_from_slice(&[0xFF, code]);
                self.state = State::Marker;
            }
            END => {
                kept.extend_from_slice(&[0xFF, END]);
                self.state = State::Ended;
            }
            _ => {
                self.segment = vec![0xFF, code];
                self.state = State::Segment(None);
            }
        }
        Ok(())
    }

    fn length(&mut self, byte: u8, kept: &mut Vec<u8>) -> Result<(), Damaged> {
        self.segment.push(byte);
        if let [_, _, high, low] = self.segment[..] {
            // The length counts its own two bytes.
            let length = usize::from(u16::from_be_bytes([high, low]));
            let missing = length.checked_sub(2).ok_or(Damaged)?;
            self.state = State::Segment(Some(missing));
            if missing == 0 {
                self.close(kept);
            }
        }
        Ok(())
    }

    fn segment(&mut self, bytes: &[u8], missing: usize, kept: &mut Vec<u8>) -> usize {
        let taken = bytes.len().min(missing);
        self.segment.extend_from_slice(&bytes[..taken]);
        self.state = State::Segment(Some(missing - taken));
        if missing == taken {
            self.close(kept);
        }
        taken
    }

    /// A segment is whole: it is kept, cleaned or dropped.
    fn close(&mut self, kept: &mut Vec<u8>) {
        let mut segment = std::mem::take(&mut self.segment);
        let (code, content) = (segment[1], &mut segment[4..]);
        let keep = match code {
            // Exif that cannot be read might tell the place all the same.
            APP_1 if content.starts_with(EXIF) => exif::without_place(&mut content[EXIF.len()..]).is_ok(),
            APP_1 | APP_13 => false,
            APP_2 => !content.starts_with(PICTURES),
            _ => true,
        };
        if keep {
            kept.extend_from_slice(&segment);
        }
        self.has_picture |= code == SCAN;
        self.state = if code == SCAN { State::Picture } else { State::Marker };
    }

    fn picture(&mut self, bytes: &[u8], kept: &mut Vec<u8>) -> usize {
        match bytes.iter().position(|byte| *byte == 0xFF) {
            None => {
                kept.extend_from_slice(bytes);
                bytes.len()
            }
            Some(place) => {
                kept.extend_from_slice(&bytes[..place]);
                self.state = State::PictureCode;
                place + 1
            }
        }
    }

    /// Within a picture 0xFF is followed by zero where it is no marker, or by a marker of restart.
    fn picture_code(&mut self, byte: u8, kept: &mut Vec<u8>) -> Result<(), Damaged> {
        match byte {
            0x00 | 0xD0..=0xD7 => {
                kept.extend_from_slice(&[0xFF, byte]);
                self.state = State::Picture;
                Ok(())
            }
            0xFF => Ok(()),
            code => self.code(code, kept),
        }
    }
}
