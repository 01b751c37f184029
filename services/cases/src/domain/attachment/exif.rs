//! Where a photo was taken, taken out of its Exif data: a citizen who shows a broken lamp need not show the way home.
//!
//! Exif is a TIFF file of directories. What is removed is overwritten with zeros and its entry closed up; nothing else
//! moves, since the rest is found by offsets. Tags: Exif 2.32, XMP part 3, TIFF 6.

/// The data is not what the standard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// The directory of the place.
const GPS: u16 = 0x8825;
/// What may hold the place once more: packets of XMP, IPTC and Photoshop.
const PACKETS: [u16; 3] = [0x02BC, 0x83BB, 0x8649];
/// The directory of the exposure, where some cameras put what belongs in the first one.
const EXPOSURE: u16 = 0x8769;

const ENTRY_BYTES: usize = 12;
/// The most directories of a photo: its own, the thumbnail's, the exposure's; more are a loop.
const DIRECTORIES_MAX: usize = 8;

struct Tiff<'t> {
    bytes: &'t mut [u8],
    big_endian: bool,
}

/// Removes the place from a TIFF block.
///
/// # Errors
/// The block cannot be read to its end; it may then be half changed.
pub fn without_place(bytes: &mut [u8]) -> Result<(), Malformed> {
    let big_endian = match bytes.get(..4) {
        Some(b"II*\0") => false,
        Some(b"MM\0*") => true,
        _ => return Err(Malformed),
    };
    let mut tiff = Tiff { bytes, big_endian };
    let mut directories = vec![tiff.offset(4)?];
    let mut seen = 0;
    while let Some(at) = directories.pop() {
        seen += 1;
        if seen > DIRECTORIES_MAX {
            return Err(Malformed);
        }
        directories.extend(tiff.clean(at)?);
    }
    Ok(())
}

impl Tiff<'_> {
    fn u16(&self, at: usize) -> Result<u16, Malformed> {
        let bytes = self.bytes.get(at..).and_then(<[u8]>::first_chunk).ok_or(Malformed)?;
        Ok(if self.big_endian { u16::from_be_bytes(*bytes) } else { u16::from_le_bytes(*bytes) })
    }

    fn offset(&self, at: usize) -> Result<usize, Malformed> {
        let bytes = self.bytes.get(at..).and_then(<[u8]>::first_chunk).ok_or(Malformed)?;
        let value = if self.big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) };
        usize::try_from(value).map_err(|_| Malformed)
    }

    /// Removes what tells the place from one directory; gives those that it leads to.
    fn clean(&mut self, directory: usize) -> Result<Vec<usize>, Malformed> {
        let mut further = Vec::new();
        let mut place = 0;
        while place < usize::from(self.u16(directory)?) {
            let entry = directory + 2 + place * ENTRY_BYTES;
            let tag = self.u16(entry)?;
            if tag == GPS {
                let gps = self.offset(entry + 8)?;
                self.erase_directory(gps)?;
                self.close_up(directory, entry)?;
            } else if PACKETS.contains(&tag) {
                self.erase_value(entry)?;
                self.close_up(directory, entry)?;
            } else {
                if tag == EXPOSURE {
                    further.push(self.offset(entry + 8)?);
                }
                place += 1;
            }
        }
        let next = self.offset(self.end(directory)? - 4)?;
        // Zero ends the chain.
        further.extend((next != 0).then_some(next));
        Ok(further)
    }

    /// Where a directory ends, with the offset of the next one as its last.
    fn end(&self, directory: usize) -> Result<usize, Malformed> {
        Ok(directory + 2 + usize::from(self.u16(directory)?) * ENTRY_BYTES + 4)
    }

    fn erase(&mut self, from: usize, to: usize) -> Result<(), Malformed> {
        self.bytes.get_mut(from..to).ok_or(Malformed)?.fill(0);
        Ok(())
    }

    /// Erases a value that does not stand in its entry.
    fn erase_value(&mut self, entry: usize) -> Result<(), Malformed> {
        let width = match self.u16(entry + 2)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return Err(Malformed),
        };
        let length = self.offset(entry + 4)?.checked_mul(width).ok_or(Malformed)?;
        if length <= 4 {
            return Ok(());
        }
        let from = self.offset(entry + 8)?;
        self.erase(from, from.checked_add(length).ok_or(Malformed)?)
    }

    fn erase_directory(&mut self, directory: usize) -> Result<(), Malformed> {
        let end = self.end(directory)?;
        for place in 0..usize::from(self.u16(directory)?) {
            self.erase_value(directory + 2 + place * ENTRY_BYTES)?;
        }
        self.erase(directory, end)
    }

    /// Takes an entry out of its directory: what follows it moves up.
    fn close_up(&mut self, directory: usize, entry: usize) -> Result<(), Malformed> {
        let (count, end) = (self.u16(directory)?, self.end(directory)?);
        // A directory of the place that lies over this one has erased it: then nothing fits any more.
        let left = count.checked_sub(1).ok_or(Malformed)?;
        if end > self.bytes.len() {
            return Err(Malformed);
        }
        self.bytes.copy_within(entry + ENTRY_BYTES..end, entry);
        self.erase(end - ENTRY_BYTES, end)?;
        let count = if self.big_endian { left.to_be_bytes() } else { left.to_le_bytes() };
        self.bytes.get_mut(directory..directory + 2).ok_or(Malformed)?.copy_from_slice(&count);
        Ok(())
    }
}
