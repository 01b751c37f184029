-- What falls due by itself, and what came of it. Both are projections of the history, written with it.

CREATE TABLE timers (
    case_number      TEXT NOT NULL REFERENCES cases (number),
    -- The part; 0 for the case as a whole.
    part             BIGINT NOT NULL,
    kind             TEXT NOT NULL,
    -- When it is due; null while it waits for a calendar.
    due_time         TIMESTAMP,
    -- From when on it is taken up: when it is due; once somebody took it up, when their lease ends. Null while it waits for
    -- a calendar.
    ready_time       TIMESTAMP,
    -- Who took it up: the round, drawn at random.
    holder           BLOB,
    -- How often it was taken up in vain.
    attempts         BIGINT NOT NULL,
    -- The calendar that it waits for, and the version that did not help.
    calendar_id      TEXT,
    calendar_version BIGINT,
    PRIMARY KEY (case_number, part, kind)
);

CREATE INDEX timers_by_ready ON timers (ready_time);
CREATE INDEX timers_by_calendar ON timers (calendar_id, calendar_version) WHERE ready_time IS NULL;

-- Reminders, supervision, criticism, and limits that were missed: each one event of a case.
CREATE TABLE told (
    case_number   TEXT NOT NULL REFERENCES cases (number),
    version       BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    -- The part; 0 for the case as a whole.
    part          BIGINT NOT NULL,
    -- Who answers for it.
    organization  TEXT NOT NULL,
    division_code TEXT NOT NULL,
    -- Who was told, as a JSON array of names.
    people        TEXT NOT NULL,
    due_time      TIMESTAMP,
    actor         TEXT NOT NULL,
    note          TEXT NOT NULL,
    told_time     TIMESTAMP NOT NULL,
    PRIMARY KEY (case_number, version)
);

CREATE INDEX told_by_time ON told (told_time, case_number, version);
CREATE INDEX told_by_kind ON told (kind, told_time);
CREATE INDEX told_by_organization ON told (organization, told_time);
CREATE INDEX told_by_division ON told (division_code, told_time);
