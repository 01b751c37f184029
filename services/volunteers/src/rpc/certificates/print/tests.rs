use crate::domain::certificate::{Certificate, Content, Holder, Issued, Line};
use crate::store::certificate::Stored;

use super::*;

fn sheet(lines: usize) -> Sheet {
    let day = "2026-01-01".parse().unwrap();
    let certificate = Certificate {
        number: "20260000017".into(),
        volunteer: "V1".into(),
        division_code: "321181".into(),
        content: Content { from: day, to: day, shows_name: true, shows_hours: true },
        lines: vec![Line { team: "t".into(), post: "p".into(), minutes: 90, times: 1 }],
        chain_seq: 1,
        issued: Issued {
            issuer: "丹阳市志愿者协会".into(),
            handler: "王 & <b>".into(),
            contact: "0511-86521234".into(),
            by: "people/1".into(),
            day,
        },
        revoked: None,
    };
    Sheet {
        stored: Stored { certificate, holder: Vec::new(), corrected: true },
        holder: Holder { display_name: "张三".into(), identity_number: "3211**********1234".into() },
        lines: (0..lines).map(|at| (format!("陪护 · 第 {at} 队"), 90, 1)).collect(),
        code: "ABCDE12345".into(),
        check: "https://example.org/v1/certificates/20260000017:verify?code=ABCDE12345".into(),
    }
}

#[test]
fn the_page_holds_all_that_the_rules_want_and_no_tag_of_a_text() {
    let page = html::print(&sheet(1));
    let wanted = [
        "张三",
        "3211**********1234",
        "1 小时 30 分钟",
        "陪护",
        "丹阳市志愿者协会",
        "0511-86521234",
        "20260000017",
        "2026-01-01",
        "ABCDE12345",
        "更正",
    ];
    for part in wanted {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains("王 &amp; &lt;b&gt;") && !page.contains("<b>"));
}

#[test]
fn the_file_is_a_pdf_that_embeds_only_what_it_prints() {
    let file = pdf::print(&sheet(1)).unwrap();
    assert!(file.starts_with(b"%PDF-"));
    assert!(file.len() < 60_000, "{} bytes", file.len());
    let long = pdf::print(&sheet(100)).unwrap();
    assert!(long.len() > file.len());
    if let Some(path) = std::env::var_os("MINQING_PDF_TO") {
        std::fs::write(path, &file).unwrap();
    }
}
