use proptest::prelude::*;

use super::super::chunked::{Damaged, Filter, Format};

fn filtered(format: Format, bytes: &[u8], step: usize) -> Result<Vec<u8>, Damaged> {
    let (mut filter, mut kept) = (Filter::new(format), Vec::new());
    for piece in bytes.chunks(step) {
        filter.push(piece, &mut kept)?;
    }
    filter.finish().map(|()| kept)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Checksums are not looked at: these stand for them.
fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[..], kind, content, b"CRC!"].concat()
}

fn webp_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    let padding: &[u8] = if content.len() % 2 == 1 { b"\0" } else { b"" };
    [&kind[..], &length, content, padding].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    let size = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", &size[..], b"WEBP", &body].concat()
}

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";
const END: &[u8] = b"\0\0\0\0IEND\xAE\x42\x60\x82";

#[test]
fn a_png_keeps_its_picture_and_tells_no_place() {
    let picture =
        [png_chunk(b"IHDR", b"size"), png_chunk(b"IDAT", b"picture"), png_chunk(b"IDAT", b"")].concat();
    let telling = [b"eXIf", b"tEXt", b"zTXt", b"iTXt"].map(|kind| png_chunk(kind, b"SECRET")).concat();
    let wanted = [SIGNATURE, &picture, END].concat();
    for step in [1, 3, 1_000] {
        let whole = [SIGNATURE, &telling, &picture, &telling, END, b"SECRET behind"].concat();
        assert_eq!(filtered(Format::Png, &whole, step), Ok(wanted.clone()));
        assert_eq!(filtered(Format::Png, &wanted, step), Ok(wanted.clone()), "nothing to take out");
    }
}

#[test]
fn a_webp_keeps_its_picture_and_size_and_tells_no_place() {
    let header = |flags: u8| webp_chunk(b"VP8X", &[flags, 0, 0, 0, 9, 0, 0, 9, 0, 0]);
    let picture = webp_chunk(b"VP8L", b"picture");
    let telling = [webp_chunk(b"EXIF", b"SECRET!"), webp_chunk(b"XMP ", b"SECRET")];
    let whole = webp(&[header(0b0001_1100), picture.clone(), telling[0].clone(), telling[1].clone()]);
    for step in [1, 3, 1_000] {
        let kept = filtered(Format::Webp, &[&whole[..], b"SECRET behind"].concat(), step).unwrap();
        let nothing = [webp_chunk(b"JUNK", &[0; 7]), webp_chunk(b"JUNK", &[0; 6])];
        let wanted = webp(&[header(0b0001_0000), picture.clone(), nothing[0].clone(), nothing[1].clone()]);
        assert_eq!(kept, wanted);
        assert!(!holds(&kept, b"SECRET") && kept.len() == whole.len());
    }
}

#[test]
fn what_holds_no_picture_is_damaged() {
    let empty = webp(&[]);
    let no_picture = [SIGNATURE, END].concat();
    let no_chunks = [SIGNATURE, b"\xFF\xFF\xFF\xFFIHDR"].concat();
    let no_names = [SIGNATURE, b"\0\0\0\x01\0\0\0\0"].concat();
    for (format, bytes) in [
        (Format::Webp, &empty[..]),
        (Format::Webp, b"RIFF\x02\0\0\0WEBP"),
        (Format::Png, &no_picture),
        (Format::Png, &no_chunks),
        (Format::Png, &no_names),
    ] {
        assert_eq!(filtered(format, bytes, 5), Err(Damaged));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_taken_or_refused_and_the_pieces_do_not_matter(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        step in 1_usize..50,
        is_png in any::<bool>(),
    ) {
        let (format, head) = if is_png { (Format::Png, SIGNATURE) } else { (Format::Webp, &b"RIFF\x90\0\0\0WEBPVP8 "[..]) };
        let bytes = [head, &bytes].concat();
        let whole = filtered(format, &bytes, bytes.len());
        prop_assert!(whole.as_ref().map_or(0, Vec::len) <= bytes.len() + 12);
        prop_assert_eq!(filtered(format, &bytes, step), whole);
    }
}
