//! Tests of calendars.
