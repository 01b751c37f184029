use proptest::prelude::*;

use super::super::exif::{Malformed, without_place};
use super::super::jpeg::{Damaged, Filter};

/// Exif data of three entries, one of them the place, and a second directory, in either byte order.
fn exif(big_endian: bool) -> Vec<u8> {
    let short = |value: u16| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let long = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&short(tag)[..], &short(kind), &long(count), &long(value)].concat()
    };
    let mut tiff = if big_endian { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
    tiff.extend(long(8));
    // The first directory, at 8: three entries, then the offset of the next one; it ends at 50.
    tiff.extend(short(3));
    tiff.extend(entry(0x010F, 2, 8, 50));
    tiff.extend(entry(0x8825, 4, 1, 58));
    tiff.extend(entry(0x0132, 2, 4, 0x3230_3236));
    tiff.extend(long(104));
    tiff.extend(b"Camera\0\0");
    // The place, at 58: one entry whose value stands apart, and one whose value does not.
    tiff.extend(short(2));
    tiff.extend(entry(0x0002, 5, 2, 88));
    tiff.extend(entry(0x0001, 2, 2, 0));
    tiff.extend(long(0));
    tiff.extend(b"LATITUDE--SECRET");
    // The thumbnail's directory, at 104.
    tiff.extend(short(0));
    tiff.extend(long(0));
    tiff
}

fn segment(code: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, code][..], &length, content].concat()
}

const PICTURE: &[u8] = b"\xFF\xDA\0\x04\x01\0picture \xFF\0 goes \xFF\xD0 on\xFF\xD9";

fn filtered(bytes: &[u8], step: usize) -> Result<Vec<u8>, Damaged> {
    let (mut filter, mut kept) = (Filter::default(), Vec::new());
    for piece in bytes.chunks(step) {
        filter.push(piece, &mut kept)?;
    }
    filter.finish().map(|()| kept)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn the_place_goes_and_everything_else_stays() {
    for big_endian in [true, false] {
        let before = exif(big_endian);
        let mut after = before.clone();
        without_place(&mut after).unwrap();
        assert_eq!(after.len(), before.len(), "whatever is found by its offset stays where it is");
        assert!(!holds(&after, b"SECRET") && !holds(&after, b"LATITUDE"));
        assert!(holds(&after, b"Camera"));
        let two = if big_endian { [0, 2] } else { [2, 0] };
        assert_eq!(after[8..10], two, "the directory has one entry less");
        // The entry behind moved up, and with it the offset of the next directory.
        assert_eq!(after[22..34], before[34..46]);
        assert_eq!(after[34..38], before[46..50]);
        let again = after.clone();
        without_place(&mut after).unwrap();
        assert_eq!(after, again);
    }
}

#[test]
fn exif_that_loops_or_points_outside_is_malformed() {
    let mut looping = exif(true);
    looping[46..50].copy_from_slice(&8_u32.to_be_bytes());
    assert_eq!(without_place(&mut looping), Err(Malformed));
    let mut outside = exif(true);
    outside[4..8].copy_from_slice(&0xFFFF_FFF0_u32.to_be_bytes());
    assert_eq!(without_place(&mut outside), Err(Malformed));
    assert_eq!(without_place(&mut b"II*\0".to_vec()), Err(Malformed));
}

#[test]
fn a_picture_keeps_every_byte_but_those_that_tell_the_place() {
    let camera = segment(0xE1, &[b"Exif\0\0", &exif(false)[..]].concat());
    let profile = segment(0xE2, b"ICC_PROFILE\0 colours");
    let tables = segment(0xDB, &[7; 65]);
    let photo = [
        b"\xFF\xD8",
        &camera[..],
        &segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0 exif:GPSLatitude 31,59.4N"),
        &segment(0xED, b"Photoshop 3.0\0 8BIM Danyang"),
        &segment(0xE2, b"MPF\0 second pictures"),
        &profile,
        b"\xFF", // a byte that fills
        &tables,
        PICTURE,
        b"\xFF\xD8 a second picture, with GPS of its own",
    ]
    .concat();
    for step in [1, 2, 3, 7, 64, photo.len()] {
        let kept = filtered(&photo, step).unwrap();
        for gone in [&b"SECRET"[..], b"GPSLatitude", b"Danyang", b"MPF", b"second"] {
            assert!(!holds(&kept, gone), "{}", String::from_utf8_lossy(gone));
        }
        for stays in [&b"Camera"[..], &profile, &tables, PICTURE] {
            assert!(holds(&kept, stays), "{}", String::from_utf8_lossy(stays));
        }
        assert!(kept.starts_with(b"\xFF\xD8\xFF\xE1") && kept.ends_with(b"\xFF\xD9"));
        assert_eq!(filtered(&kept, 5).unwrap(), kept, "nothing is left to be removed");
    }
}

#[test]
fn a_picture_of_several_scans_is_kept_whole() {
    let photo = [
        b"\xFF\xD8",
        &segment(0xDA, b"\x01")[..],
        b"first",
        &segment(0xC4, b"tables"),
        &segment(0xDA, b"\x02"),
        b"second\xFF\xD9",
    ]
    .concat();
    assert_eq!(filtered(&photo, 4).unwrap(), photo);
}

#[test]
fn exif_that_cannot_be_read_is_dropped_whole() {
    let odd = segment(0xE1, b"Exif\0\0II*\0\xFF\xFF\xFF\x7F and a place");
    let kept = filtered(&[b"\xFF\xD8", &odd[..], PICTURE].concat(), 9).unwrap();
    assert_eq!(kept, [b"\xFF\xD8", PICTURE].concat());
}

#[test]
fn what_only_begins_like_a_jpeg_is_damaged_and_a_cut_picture_is_not() {
    for odd in [
        &b"\xFF\xD8\xFF<script>alert(1)</script>"[..],
        b"\xFF\xD8\xFF\xE0\0\x01",
        b"\xFF\xD8\xFF\xE0\0\x10JFIF",
        b"\xFF\xD8\xFF\xD8\xFF\xD9",
        b"\xFF\xD8\xFF\xD9",
        b"\xFF\xD8",
        b"\xFF",
    ] {
        assert_eq!(filtered(odd, 3), Err(Damaged), "{}", String::from_utf8_lossy(odd));
    }
    let cut = &[b"\xFF\xD8", PICTURE].concat()[..20];
    assert_eq!(filtered(cut, 3).unwrap(), cut);
}

proptest! {
    #[test]
    fn exif_of_any_bytes_is_cleaned_or_refused(bytes: Vec<u8>, big_endian: bool) {
        let mut tiff = if big_endian { b"MM\0*\0\0\0\x08".to_vec() } else { b"II*\0\x08\0\0\0".to_vec() };
        tiff.extend(bytes);
        let length = tiff.len();
        let _ = without_place(&mut tiff);
        prop_assert_eq!(tiff.len(), length);
    }

    #[test]
    fn exif_with_any_byte_changed_is_cleaned_or_refused(place in 8..110_usize, value: u8) {
        let mut tiff = exif(true);
        tiff[place] = value;
        let _ = without_place(&mut tiff);
    }

    #[test]
    fn how_a_file_is_cut_makes_no_difference(bytes: Vec<u8>, steps in (1..9_usize, 1..99_usize)) {
        let photo = [b"\xFF\xD8", &segment(0xE1, &[b"Exif\0\0", &exif(true)[..]].concat())[..], PICTURE, &bytes].concat();
        prop_assert_eq!(filtered(&photo, steps.0), filtered(&photo, steps.1));
    }
}
