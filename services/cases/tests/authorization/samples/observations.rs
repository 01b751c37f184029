//! Civic information.

use super::{Sample, here, nowhere};

pub const SAMPLES: &[Sample] = &[
    here("GetObservation", r#"{"name": "observations/0199a000-0000-7000-8000-000000000001"}"#),
    // Whoever observed something lists that, wherever they are appointed.
    nowhere("ListObservations", "{}").always_own(),
    here("GetObservationFigures", r#"{"divisionCode": "321181100"}"#),
    // Each observation is asked for its own grid.
    nowhere("BatchCreateObservations", r#"{"observations": [{}]}"#),
    here(
        "ClassifyObservation",
        r#"{"name": "observations/0199a000-0000-7000-8000-000000000001", "class": "OBSERVATION_CLASS_FACILITIES"}"#,
    ),
    here(
        "RaiseCase",
        r#"{"name": "observations/0199a000-0000-7000-8000-000000000001",
            "case": {"type": "CASE_TYPE_HELP", "title": "路灯不亮"}}"#,
    ),
    here(
        "ArchiveObservation",
        r#"{"name": "observations/0199a000-0000-7000-8000-000000000001", "class": "OBSERVATION_CLASS_FACILITIES"}"#,
    ),
];
