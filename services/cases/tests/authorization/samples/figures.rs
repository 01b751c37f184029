//! Figures. What somebody may count is what they see, be it nothing: of areas and of their own units.

use super::{Sample, here, nowhere};

pub const SAMPLES: &[Sample] = &[
    nowhere("GetFigures", r#"{"fromDate": "2026-03-01", "toDate": "2026-03-31"}"#).always_own(),
    nowhere("ExportFigures", r#"{"fromDate": "2026-03-01", "toDate": "2026-03-31"}"#).always_own(),
    nowhere("ListFigureCases", r#"{"fromDate": "2026-03-01", "toDate": "2026-03-31"}"#).always_own(),
    nowhere("GetFigureSnapshot", r#"{"name": "figureSnapshots/february"}"#),
    nowhere("ListFigureSnapshots", "{}"),
    here("VerifyFigureSnapshot", r#"{"name": "figureSnapshots/february"}"#),
    here(
        "PublishFigures",
        r#"{"displayName": "三月",
            "query": {"fromDate": "2026-03-01", "toDate": "2026-03-31", "divisionCode": "321181100"}}"#,
    ),
];
