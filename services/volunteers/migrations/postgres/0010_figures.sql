-- Figures are counted from hours and from what teams reported.

CREATE INDEX events_by_kind ON events (kind, occur_time);
CREATE INDEX hour_entries_by_time ON hour_entries (from_time);
