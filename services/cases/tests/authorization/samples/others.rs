//! Attachments, calendars, supervision, and the feed.

use super::{Sample, everywhere, here, nowhere};

pub const SAMPLES: &[Sample] = &[
    nowhere("UploadAttachment", "{}"),
    nowhere("GetAttachment", r#"{"name": "attachments/0199a000-0000-7000-8000-000000000002"}"#),
    nowhere("DownloadAttachment", r#"{"name": "attachments/0199a000-0000-7000-8000-000000000002"}"#),
    nowhere("GetCalendar", r#"{"name": "calendars/china"}"#),
    nowhere("ListCalendars", "{}"),
    nowhere(
        "ComputeDeadline",
        r#"{"calendar": "calendars/china", "start": "2026-03-02T02:00:00Z", "workingDays": 3}"#,
    ),
    everywhere("CreateCalendar", r#"{"calendar": {"displayName": "热线"}}"#),
    everywhere("UpdateCalendar", r#"{"calendar": {"name": "calendars/china"}}"#),
    everywhere("ImportHolidays", "{}"),
    here("WatchEvents", r#"{"divisionCode": "321181100"}"#),
    here("SuperviseCase", r#"{"name": "{case}", "note": "抓紧"}"#),
    // Those above see their area's, units their own.
    nowhere("ListAccountabilityRecords", "{}").always_own(),
    nowhere("ExportAccountabilityRecords", "{}").always_own(),
    nowhere("ListEscalations", "{}").always_own(),
    nowhere("FindOrphans", "{}"),
];
