//! Units' parts.

use super::{Sample, here, nowhere};

pub const SAMPLES: &[Sample] = &[
    here("GetAssignment", r#"{"name": "{part}"}"#).of_the_unit(),
    nowhere("ListAssignments", "{}").of_the_unit(),
    nowhere("WatchAssignments", "{}").of_the_unit(),
    here("ReviewHandOver", r#"{"name": "{part}"}"#).of_the_unit(),
    here("SignAssignment", r#"{"name": "{part}"}"#).of_the_unit(),
    here("ReplyAssignment", r#"{"name": "{part}", "text": "已派人"}"#).of_the_unit(),
    here("RequestExtension", r#"{"name": "{part}", "workingDays": 1, "reason": "下雨"}"#).of_the_unit(),
    here("ReviewExtension", r#"{"name": "{part}", "granted": true, "text": "延期一天"}"#),
    here("AskCitizen", r#"{"name": "{part}", "text": "哪一盏？"}"#).of_the_unit(),
    here("ResumeAssignment", r#"{"name": "{part}"}"#).of_the_unit(),
    here("PauseAssignment", r#"{"name": "{part}", "reason": "PAUSE_REASON_WEATHER"}"#).of_the_unit(),
    here(
        "HandOverAssignment",
        r#"{"name": "{part}", "organization": "organizations/roads", "note": "归路政"}"#,
    )
    .of_the_unit(),
    here("ResolveAssignment", r#"{"name": "{part}", "text": "修好了"}"#).of_the_unit(),
    here("ReturnAssignment", r#"{"name": "{part}", "reason": "RETURN_REASON_NOT_OURS", "note": "不属于"}"#)
        .of_the_unit(),
];
