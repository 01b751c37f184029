-- Activities of teams, their shifts, and who takes part.

CREATE TABLE activities (
    id                  BLOB NOT NULL PRIMARY KEY,
    team                TEXT NOT NULL,
    post                TEXT NOT NULL,
    need                TEXT,
    title               TEXT NOT NULL,
    description         TEXT NOT NULL,
    division_code       TEXT NOT NULL,
    address             TEXT NOT NULL,
    latitude            REAL,
    longitude           REAL,
    radius_m            BIGINT NOT NULL,
    needs_approval      BOOLEAN NOT NULL,
    members_only        BOOLEAN NOT NULL,
    drop_notice_minutes BIGINT NOT NULL,
    status              TEXT NOT NULL,
    cancel_reason       TEXT NOT NULL,
    version             BIGINT NOT NULL,
    create_time         TIMESTAMP NOT NULL,
    update_time         TIMESTAMP NOT NULL
);

CREATE INDEX activities_by_place ON activities (division_code, status);
CREATE INDEX activities_by_team ON activities (team);

CREATE TABLE shifts (
    id          BLOB NOT NULL PRIMARY KEY,
    activity_id BLOB NOT NULL REFERENCES activities (id),
    start_time  TIMESTAMP NOT NULL,
    end_time    TIMESTAMP NOT NULL,
    capacity    BIGINT NOT NULL,
    waiting_max BIGINT NOT NULL,
    -- A JSON list of texts.
    skills      TEXT NOT NULL,
    taken       BIGINT NOT NULL,
    waiting     BIGINT NOT NULL,
    -- The number of the last who signed up.
    line        BIGINT NOT NULL,
    -- Whether it was looked at after its end: who did not come is recorded once.
    settled     BOOLEAN NOT NULL,
    create_time TIMESTAMP NOT NULL,
    -- Whatever the program does, nobody sells a place twice.
    CHECK (taken >= 0 AND taken <= capacity),
    CHECK (waiting >= 0 AND waiting <= waiting_max)
);

CREATE INDEX shifts_by_activity ON shifts (activity_id, start_time, id);
CREATE INDEX shifts_to_settle ON shifts (end_time) WHERE NOT settled;

CREATE TABLE sign_ups (
    id             BLOB NOT NULL PRIMARY KEY,
    activity_id    BLOB NOT NULL REFERENCES activities (id),
    shift_id       BLOB NOT NULL REFERENCES shifts (id),
    volunteer      TEXT NOT NULL,
    state          TEXT NOT NULL,
    line           BIGINT NOT NULL,
    start_time     TIMESTAMP NOT NULL,
    end_time       TIMESTAMP NOT NULL,
    late           BOOLEAN NOT NULL,
    cover_wanted   BOOLEAN NOT NULL,
    origin         BLOB,
    check_in_time  TIMESTAMP,
    check_out_time TIMESTAMP,
    -- Wrong codes in a row, and when the first of them was given.
    failures       BIGINT NOT NULL DEFAULT 0,
    failure_time   TIMESTAMP,
    reason         TEXT NOT NULL,
    -- Whether somebody was reminded of it.
    reminded       BOOLEAN NOT NULL DEFAULT FALSE,
    version        BIGINT NOT NULL,
    create_time    TIMESTAMP NOT NULL,
    update_time    TIMESTAMP NOT NULL
);

CREATE INDEX sign_ups_in_line ON sign_ups (shift_id, line, id);
CREATE INDEX sign_ups_by_volunteer ON sign_ups (volunteer, start_time, id);
-- Nobody is twice in a shift.
CREATE UNIQUE INDEX sign_ups_once ON sign_ups (shift_id, volunteer)
    WHERE state IN ('requested', 'confirmed', 'waiting', 'checked_in');
CREATE INDEX sign_ups_to_remind ON sign_ups (start_time) WHERE state = 'confirmed' AND NOT reminded;

-- A row for everybody who ever signed up. Whoever gives somebody a place holds it, so that of two who do so at once the
-- second sees what the first did.
CREATE TABLE agendas (
    volunteer TEXT NOT NULL PRIMARY KEY,
    version   BIGINT NOT NULL
);

CREATE TABLE swaps (
    id          BLOB NOT NULL PRIMARY KEY,
    offered     BLOB NOT NULL REFERENCES sign_ups (id),
    wanted      BLOB NOT NULL REFERENCES sign_ups (id),
    -- Who has them.
    offerer     TEXT NOT NULL,
    answerer    TEXT NOT NULL,
    state       TEXT NOT NULL,
    -- A JSON list of teams.
    pending     TEXT NOT NULL,
    create_time TIMESTAMP NOT NULL,
    update_time TIMESTAMP NOT NULL
);

CREATE INDEX swaps_by_offerer ON swaps (offerer, id);
CREATE INDEX swaps_by_answerer ON swaps (answerer, id);

CREATE TABLE hour_reports (
    id            BLOB NOT NULL PRIMARY KEY,
    volunteer     TEXT NOT NULL,
    reporter      TEXT NOT NULL,
    activity_id   BLOB,
    shift_id      BLOB,
    sign_up_id    BLOB,
    team          TEXT NOT NULL,
    post          TEXT NOT NULL,
    division_code TEXT NOT NULL,
    start_time    TIMESTAMP NOT NULL,
    end_time      TIMESTAMP NOT NULL,
    description   TEXT NOT NULL,
    source        TEXT NOT NULL,
    state         TEXT NOT NULL,
    spot_check    BOOLEAN NOT NULL,
    comment       TEXT NOT NULL,
    reviewer      TEXT NOT NULL,
    create_time   TIMESTAMP NOT NULL,
    review_time   TIMESTAMP
);

CREATE INDEX hour_reports_by_volunteer ON hour_reports (volunteer, create_time, id);
CREATE INDEX hour_reports_in_queue ON hour_reports (state, create_time, id);
-- One report of a sign-up at a time.
CREATE UNIQUE INDEX hour_reports_once ON hour_reports (sign_up_id) WHERE state IN ('submitted', 'accepted');
