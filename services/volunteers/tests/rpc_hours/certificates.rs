use minqing_proto::volunteers::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;

use crate::room::{by, citizen};
use crate::town::{ELSEWHERE, TOWN, Town, field, open, reason};

on_both_databases! {
    a_certificate_is_asked_for_issued_printed_and_checked_by_anybody;
    the_check_shows_what_the_holder_shows_and_tells_what_became_of_it;
    wrong_codes_close_a_number_for_a_while;
    numbers_of_a_year_follow_each_other_and_nobody_issues_their_own;
    who_may_not_see_a_certificate_is_told_that_there_is_none;
}

fn content(shows: bool) -> proto::CertificateContent {
    proto::CertificateContent {
        from_day: "2026-02-01".into(),
        to_day: "2026-03-02".into(),
        shows_name: shows,
        shows_hours: shows,
    }
}

async fn asked(town: &mut Town, account: &str, shows: bool) -> String {
    let request =
        proto::RequestCertificateRequest { content: Some(content(shows)), request_id: String::new() };
    town.certificates.request_certificate(citizen(account, request)).await.unwrap().into_inner().name
}

fn issue(asked: &str) -> proto::IssueCertificateRequest {
    proto::IssueCertificateRequest {
        certificate_request: asked.into(),
        handler: "王五".into(),
        contact: "0511-86521234".into(),
        request_id: String::new(),
    }
}

/// Issues one for somebody; gives it as the holder sees it.
async fn issued(town: &mut Town, account: &str, shows: bool) -> proto::Certificate {
    let asked = asked(town, account, shows).await;
    let issued = town.certificates.issue_certificate(by("coordinator", TOWN, issue(&asked))).await.unwrap();
    let name = issued.into_inner().name;
    let get = proto::GetCertificateRequest { name };
    town.certificates.get_certificate(citizen(account, get)).await.unwrap().into_inner()
}

fn check(certificate: &proto::Certificate) -> proto::VerifyCertificateRequest {
    proto::VerifyCertificateRequest {
        name: certificate.name.clone(),
        code: certificate.verification_code.clone(),
    }
}

async fn a_certificate_is_asked_for_issued_printed_and_checked_by_anybody(database: Database) {
    let mut town = open(&database).await;
    let request = asked(&mut town, "zhang", true).await;
    let list = |state: proto::CertificateRequestState| proto::ListCertificateRequestsRequest {
        state: state.into(),
        ..Default::default()
    };
    let open_ones = list(proto::CertificateRequestState::Open);
    let listed = town.certificates.list_certificate_requests(by("coordinator", TOWN, open_ones)).await;
    assert_eq!(listed.unwrap().into_inner().certificate_requests[0].name, request);
    let issued = town.certificates.issue_certificate(by("coordinator", TOWN, issue(&request))).await;
    let issued = issued.unwrap().into_inner();
    assert_eq!((issued.minutes, issued.lines.len(), issued.handler.as_str()), (90, 1, "王五"));
    assert_eq!(issued.verification_code, "", "the code is for the holder");
    let done = list(proto::CertificateRequestState::Issued);
    let listed = town.certificates.list_certificate_requests(citizen("zhang", done)).await.unwrap();
    assert_eq!(listed.into_inner().certificate_requests[0].certificate, issued.name);
    let twice = town.certificates.issue_certificate(by("coordinator", TOWN, issue(&request))).await;
    assert_eq!(reason(twice), "CERTIFICATE_ISSUED");

    let get = proto::GetCertificateRequest { name: issued.name.clone() };
    let held = town.certificates.get_certificate(citizen("zhang", get)).await.unwrap().into_inner();
    assert_eq!(held.verification_code.len(), 10);
    let print = |format: proto::CertificateFormat| proto::DownloadCertificateRequest {
        name: issued.name.clone(),
        format: format.into(),
    };
    let html = print(proto::CertificateFormat::Html);
    let html = town.certificates.download_certificate(citizen("zhang", html)).await.unwrap();
    assert!(html.metadata().get("content-disposition").unwrap().to_str().unwrap().ends_with(".html\""));
    let html = String::from_utf8(html.into_inner().data.to_vec()).unwrap();
    for part in ["张三", "3211**********123X", "陪护队", "王五", "0511-86521234", &held.verification_code]
    {
        assert!(html.contains(part), "{part}");
    }
    let pdf = print(proto::CertificateFormat::Pdf);
    let pdf = town.certificates.download_certificate(citizen("zhang", pdf)).await.unwrap().into_inner();
    assert_eq!(pdf.content_type, "application/pdf");
    assert!(pdf.data.starts_with(b"%PDF-"));

    let checked = town.certificates.verify_certificate(check(&held)).await.unwrap().into_inner();
    assert!(checked.is_valid && !checked.corrected_after_issue);
    assert_eq!((checked.holder.as_str(), checked.minutes), ("张*", Some(90)));
}

async fn the_check_shows_what_the_holder_shows_and_tells_what_became_of_it(database: Database) {
    let mut town = open(&database).await;
    let held = issued(&mut town, "zhang", false).await;
    let checked = town.certificates.verify_certificate(check(&held)).await.unwrap().into_inner();
    assert_eq!((checked.holder.as_str(), checked.minutes), ("", None));
    assert_eq!((checked.from_day.as_str(), checked.to_day.as_str()), ("", ""));
    assert!(checked.is_valid && !checked.corrected_after_issue);

    let correct = proto::CorrectHourEntryRequest {
        name: "hourEntries/2".into(),
        minutes: -5,
        reason: "they asked".into(),
        request_id: String::new(),
    };
    town.hours.correct_hour_entry(by("coordinator", TOWN, correct)).await.unwrap();
    let checked = town.certificates.verify_certificate(check(&held)).await.unwrap().into_inner();
    assert!(checked.is_valid && checked.corrected_after_issue);

    let revoke = proto::RevokeCertificateRequest {
        name: held.name.clone(),
        reason: "another person's".into(),
        request_id: String::new(),
    };
    let own = town.certificates.revoke_certificate(citizen("zhang", revoke.clone())).await;
    assert_eq!(reason(own), "NOT_PERMITTED");
    let revoked =
        town.certificates.revoke_certificate(by("coordinator", TOWN, revoke.clone())).await.unwrap();
    assert_eq!(revoked.into_inner().revoke_reason, "another person's");
    let twice = town.certificates.revoke_certificate(by("coordinator", TOWN, revoke)).await;
    assert_eq!(reason(twice), "CERTIFICATE_REVOKED");
    let checked = town.certificates.verify_certificate(check(&held)).await.unwrap().into_inner();
    assert!(!checked.is_valid);
}

async fn wrong_codes_close_a_number_for_a_while(database: Database) {
    let mut town = open(&database).await;
    let held = issued(&mut town, "zhang", true).await;
    let wrong = proto::VerifyCertificateRequest { code: "0000000000".into(), ..check(&held) };
    for _ in 0..10 {
        let refused = town.certificates.verify_certificate(wrong.clone()).await;
        assert_eq!(reason(refused), "CERTIFICATE_OR_CODE_WRONG");
    }
    let right = town.certificates.verify_certificate(check(&held)).await.unwrap_err();
    assert_eq!(right.code(), Code::ResourceExhausted);
    town.room.clock.advance(chrono::TimeDelta::minutes(15));
    town.certificates.verify_certificate(check(&held)).await.unwrap();
    // A number that nobody has answers as a wrong code does; one with a wrong digit is told by field.
    let nobodys =
        proto::VerifyCertificateRequest { name: "certificates/20269999991".into(), code: "1".into() };
    let refused = town.certificates.verify_certificate(nobodys).await.unwrap_err();
    assert!([Code::NotFound, Code::InvalidArgument].contains(&refused.code()));
    let none = proto::VerifyCertificateRequest { code: String::new(), ..check(&held) };
    assert_eq!(field(town.certificates.verify_certificate(none).await), "code");
}

async fn numbers_of_a_year_follow_each_other_and_nobody_issues_their_own(database: Database) {
    let mut town = open(&database).await;
    let request = asked(&mut town, "zhang", true).await;
    let mut own = by("coordinator", TOWN, issue(&request));
    own.metadata_mut().insert("subject", "zhang".parse().unwrap());
    assert_eq!(reason(town.certificates.issue_certificate(own).await), "CERTIFICATE_OWN");
    let elsewhere = town.certificates.issue_certificate(by("coordinator", ELSEWHERE, issue(&request))).await;
    assert_eq!(reason(elsewhere), "NOT_FOUND");
    // What was refused used no number up.
    let first = town.certificates.issue_certificate(by("coordinator", TOWN, issue(&request))).await.unwrap();
    let second = issued(&mut town, "li", true).await;
    let first = first.into_inner().name;
    assert!(first.starts_with("certificates/2026000001"), "{first}");
    assert!(second.name.starts_with("certificates/2026000002"), "{}", second.name);

    let nobody = proto::RequestCertificateRequest { content: Some(content(true)), request_id: String::new() };
    let refused = town.certificates.request_certificate(citizen("stranger", nobody)).await;
    assert_eq!(reason(refused), "NOT_A_VOLUNTEER");
    let late = proto::CertificateContent { to_day: "2026-03-03".into(), ..content(true) };
    let late = proto::RequestCertificateRequest { content: Some(late), request_id: String::new() };
    assert_eq!(field(town.certificates.request_certificate(citizen("li", late)).await), "content.to_day");
    let early = proto::CertificateContent {
        from_day: "2025-01-01".into(),
        to_day: "2025-01-02".into(),
        ..content(true)
    };
    let early = proto::RequestCertificateRequest { content: Some(early), request_id: String::new() };
    let early = town.certificates.request_certificate(citizen("li", early)).await.unwrap().into_inner();
    let empty = town.certificates.issue_certificate(by("coordinator", TOWN, issue(&early.name))).await;
    assert_eq!(reason(empty), "CERTIFICATE_EMPTY");
}

async fn who_may_not_see_a_certificate_is_told_that_there_is_none(database: Database) {
    let mut town = open(&database).await;
    let held = issued(&mut town, "zhang", true).await;
    let get = proto::GetCertificateRequest { name: held.name.clone() };
    for request in [citizen("li", get.clone()), by("coordinator", ELSEWHERE, get.clone())] {
        assert_eq!(reason(town.certificates.get_certificate(request).await), "NOT_FOUND");
    }
    assert_eq!(reason(town.certificates.get_certificate(get.clone()).await), "SIGN_IN_NEEDED");
    town.certificates.get_certificate(by("auditor", TOWN, get)).await.unwrap();
    let print = proto::DownloadCertificateRequest { name: held.name, format: 0 };
    let auditor = town.certificates.download_certificate(by("auditor", TOWN, print)).await;
    assert_eq!(reason(auditor), "NOT_FOUND");
}
