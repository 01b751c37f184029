-- Cases: the history is the truth, the row its projection.

CREATE TABLE cases (
    -- The order in which they came in, for lists.
    seq                BIGINT      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number             TEXT        COLLATE "C" NOT NULL UNIQUE,
    version            BIGINT      NOT NULL,
    status             TEXT        NOT NULL,
    -- As it came in.
    kind               TEXT        NOT NULL,
    door               TEXT        NOT NULL,
    division_code      TEXT        COLLATE "C" NOT NULL,
    item               TEXT        NOT NULL,
    owner_organization TEXT        NOT NULL,
    -- What is due next; null when nothing is, while a clock stands still, and where the calendar is not published.
    next_due_time      TIMESTAMPTZ,
    create_time        TIMESTAMPTZ NOT NULL,
    update_time        TIMESTAMPTZ NOT NULL,
    -- All that the history makes of it, as JSON.
    state              TEXT        NOT NULL
);

CREATE INDEX cases_by_status ON cases (status, seq);
CREATE INDEX cases_by_owner ON cases (owner_organization, status, seq);
CREATE INDEX cases_by_division ON cases (division_code, seq);
CREATE INDEX cases_by_due ON cases (next_due_time);

CREATE TABLE case_events (
    case_number  TEXT        COLLATE "C" NOT NULL REFERENCES cases (number),
    version      BIGINT      NOT NULL,
    actor        TEXT        NOT NULL,
    organization TEXT,
    occur_time   TIMESTAMPTZ NOT NULL,
    -- The event, as JSON.
    event        TEXT        NOT NULL,
    PRIMARY KEY (case_number, version)
);

-- Units' parts, for their lists; a projection too.
CREATE TABLE assignments (
    case_number  TEXT        COLLATE "C" NOT NULL REFERENCES cases (number),
    id           BIGINT      NOT NULL,
    organization TEXT        COLLATE "C" NOT NULL,
    status       TEXT        NOT NULL,
    start_time   TIMESTAMPTZ NOT NULL,
    due_time     TIMESTAMPTZ,
    PRIMARY KEY (case_number, id)
);

CREATE INDEX assignments_by_organization ON assignments (organization, status, start_time);
CREATE INDEX assignments_by_start ON assignments (start_time);

-- Who raised a case, sealed, apart from the history.
CREATE TABLE reporters (
    case_number TEXT  COLLATE "C" NOT NULL PRIMARY KEY REFERENCES cases (number),
    name        BYTEA,
    phone       BYTEA,
    phone_index BYTEA,
    proxy       TEXT
);

CREATE INDEX reporters_by_phone ON reporters (phone_index);

-- Who read who raised a case, and for what.
CREATE TABLE reporter_readings (
    id          UUID        NOT NULL PRIMARY KEY,
    case_number TEXT        COLLATE "C" NOT NULL REFERENCES cases (number),
    actor       TEXT        NOT NULL,
    purpose     TEXT        NOT NULL,
    read_time   TIMESTAMPTZ NOT NULL
);

CREATE INDEX reporter_readings_by_case ON reporter_readings (case_number, read_time);
