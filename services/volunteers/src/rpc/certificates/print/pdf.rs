//! A certificate as PDF, by krilla: it is kept well, writes tagged text that can be searched and copied, and embeds only the
//! characters used. The font comes with the program; see `data/font/SOURCE.md`.

use krilla::Document;
use krilla::geom::Point;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::text::{Font, TextDirection};
use minqing_platform::error::Error;

use super::{Sheet, TITLE, hours};

static FONT: &[u8] = include_bytes!("../../../../data/font/wqy-microhei-gb2312.ttf");

/// A4, in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 60.0;
const SIZE: f32 = 11.0;
const LEADING: f32 = 19.0;
/// Where values begin.
const TAB: f32 = 160.0;
/// How many halves of a character's width a line of a value holds.
const HALVES_MAX: usize = 66;

/// A line of the sheet.
struct Line {
    size: f32,
    parts: Vec<(f32, String)>,
}

/// The file.
///
/// # Errors
/// A bug: the font that comes with the program cannot be read, or the file not be written.
pub fn print(sheet: &Sheet) -> Result<Vec<u8>, Error> {
    let bug = |what: &str| Error::Internal(format!("printing a certificate: {what}"));
    let font = Font::new(FONT.to_vec().into(), 0).ok_or_else(|| bug("the font"))?;
    let settings = || PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| bug("the page"));
    let mut document = Document::new();
    let title = format!("{TITLE} {}", sheet.stored.certificate.number);
    document.set_metadata(Metadata::new().title(title).language("zh-CN".to_owned()));
    let lines = lines(sheet);
    let lines_a_page = ((PAGE.1 - 2.0 * MARGIN) / LEADING) as usize;
    for chunk in lines.chunks(lines_a_page) {
        let mut page = document.start_page_with(settings()?);
        let mut surface = page.surface();
        let mut y = MARGIN + LEADING;
        for line in chunk {
            for (x, text) in &line.parts {
                let at = Point::from_xy(*x, y);
                surface.draw_text(at, font.clone(), line.size, text, false, TextDirection::LeftToRight);
            }
            y += LEADING;
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| bug(&format!("{error:?}")))
}

fn lines(sheet: &Sheet) -> Vec<Line> {
    let line = |parts: Vec<(f32, String)>| Line { size: SIZE, parts };
    let blank = || line(Vec::new());
    let mut lines = vec![Line { size: 20.0, parts: vec![(PAGE.0 / 2.0 - 80.0, TITLE.to_owned())] }, blank()];
    lines.extend(sheet.notes().into_iter().map(|note| line(vec![(MARGIN, note.to_owned())])));
    for (name, value) in sheet.head() {
        lines.extend(pair(name, &value));
    }
    lines.push(blank());
    let row = |content: &str, times: String, hours: String| {
        let mut pieces = pieces(content, HALVES_MAX - 10).into_iter();
        let first = pieces.next().unwrap_or_default();
        let mut rows = vec![line(vec![(MARGIN, first), (400.0, times), (450.0, hours)])];
        rows.extend(pieces.map(|piece| line(vec![(MARGIN, piece)])));
        rows
    };
    lines.extend(row("服务内容", "次数".to_owned(), "时长".to_owned()));
    for (content, minutes, times) in &sheet.lines {
        lines.extend(row(content, times.to_string(), hours(*minutes)));
    }
    lines.push(blank());
    for (name, value) in sheet.foot() {
        lines.extend(pair(name, &value));
    }
    lines
}

/// A name and a value, which may take several lines.
fn pair(name: &str, value: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = pieces(value, HALVES_MAX)
        .into_iter()
        .map(|piece| Line { size: SIZE, parts: vec![(TAB, piece)] })
        .collect();
    if let Some(first) = lines.first_mut() {
        first.parts.push((MARGIN, name.to_owned()));
    }
    lines
}

/// A text cut where a line is full: an ASCII character is half as wide as a Chinese one, about.
fn pieces(text: &str, halves_max: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut halves = 0;
    for character in text.chars() {
        let wide = if character.is_ascii() { 1 } else { 2 };
        if halves + wide > halves_max {
            pieces.push(String::new());
            halves = 0;
        }
        halves += wide;
        if let Some(last) = pieces.last_mut() {
            last.push(character);
        }
    }
    pieces
}
