//! A certificate as HTML: one page without scripts, pictures or anything from elsewhere.

use std::fmt::Write as _;

use super::{Sheet, TITLE, hours};

/// The page.
pub fn print(sheet: &Sheet) -> String {
    let mut page = String::with_capacity(4_096);
    // Writing to a text cannot fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{TITLE} {}</title>\n\
         <style>body{{font-family:serif;max-width:45em;margin:2em auto}}h1{{text-align:center}}\
         table{{width:100%;border-collapse:collapse;margin:1em 0}}th,td{{border:1px solid;padding:.3em;text-align:left}}\
         .note{{font-weight:bold}}@page{{size:A4;margin:2cm}}</style></head>\n<body><h1>{TITLE}</h1>\n",
        escaped(&sheet.stored.certificate.number)
    );
    for note in sheet.notes() {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", escaped(note));
    }
    pairs(&mut page, &sheet.head());
    page.push_str("<table><tr><th>服务内容</th><th>次数</th><th>时长</th></tr>\n");
    for (content, minutes, times) in &sheet.lines {
        let (content, hours) = (escaped(content), hours(*minutes));
        let _ = writeln!(page, "<tr><td>{content}</td><td>{times}</td><td>{hours}</td></tr>");
    }
    page.push_str("</table>\n");
    pairs(&mut page, &sheet.foot());
    page.push_str("</body></html>\n");
    page
}

fn pairs(page: &mut String, pairs: &[(&str, String)]) {
    page.push_str("<table>\n");
    for (name, value) in pairs {
        let _ = writeln!(page, "<tr><th>{name}</th><td>{}</td></tr>", escaped(value));
    }
    page.push_str("</table>\n");
}

/// A text in which nothing is taken for a tag.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
