//! Cases.

use super::{Sample, here, nowhere};

pub const SAMPLES: &[Sample] = &[
    here("GetCase", r#"{"name": "{case}"}"#).of_the_unit(),
    nowhere("ListCases", "{}"),
    nowhere("SearchCases", r#"{"query": "路灯"}"#),
    nowhere(
        "FindSimilarCases",
        r#"{"case": {"type": "CASE_TYPE_HELP", "title": "路灯不亮", "area": "divisions/321181100201"}}"#,
    ),
    here("ListCaseHistory", r#"{"name": "{case}"}"#).of_the_unit(),
    here("RevealReporter", r#"{"name": "{case}", "purpose": "核实"}"#).of_the_unit(),
    nowhere("TrackCase", r#"{"name": "{case}", "secret": "{secret}"}"#),
    nowhere("SubmitCase", r#"{"case": {"type": "CASE_TYPE_HELP", "door": "DOOR_WEB", "title": "路灯不亮"}}"#),
    // Writes.
    here("AcceptCase", r#"{"name": "{case}"}"#),
    here("DispatchCase", r#"{"name": "{case}", "units": [{"organization": "organizations/roads"}]}"#),
    here("DecideOwner", r#"{"name": "{case}", "unit": {"organization": "organizations/roads"}}"#),
    here("RetypeCase", r#"{"name": "{case}", "type": "CASE_TYPE_REPORT", "reason": "举报"}"#),
    here("ReviewRetype", r#"{"name": "{case}"}"#),
    here("ReplyToCase", r#"{"name": "{case}", "text": "正在办理"}"#),
    nowhere("AnswerQuestion", r#"{"name": "{case}", "secret": "{secret}", "text": "东边"}"#),
    here("RecordCallback", r#"{"name": "{case}", "reached": true, "solved": true}"#),
    nowhere("RateCase", r#"{"name": "{case}", "secret": "{secret}", "solved": true}"#),
    here("CloseCase", r#"{"name": "{case}"}"#),
    here("ReopenCase", r#"{"name": "{case}", "reason": "又坏了"}"#),
    // Ends.
    here(
        "RejectCase",
        r#"{"name": "{rejected}", "reason": "REJECT_REASON_ANSWERED_BEFORE", "reply": "已答复"}"#,
    ),
    here("MergeCase", r#"{"name": "{merged}", "into": "{into}"}"#),
    here(
        "SplitCase",
        r#"{"name": "{split}", "parts": [
            {"type": "CASE_TYPE_COMPLAINT", "title": "甲"}, {"type": "CASE_TYPE_HELP", "title": "乙"}]}"#,
    ),
    nowhere("WithdrawCase", r#"{"name": "{case}", "secret": "{secret}"}"#),
];
