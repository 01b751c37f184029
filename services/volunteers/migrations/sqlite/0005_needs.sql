-- Needs: the history is the truth, the row its projection.

CREATE TABLE needs (
    -- The order in which they came in, for lists.
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB NOT NULL UNIQUE,
    version        BIGINT NOT NULL,
    status         TEXT NOT NULL,
    source         TEXT NOT NULL,
    raiser         TEXT NOT NULL,
    division_code  TEXT NOT NULL,
    post           TEXT NOT NULL,
    -- The team that has it, or had it; empty for none.
    team           TEXT NOT NULL,
    -- A case becomes one need, however often it is heard of.
    assignment     TEXT UNIQUE,
    -- When the next step is due; null when the next step is the team's, in its own time, or when it is over.
    due_time       TIMESTAMP,
    answer_refused BOOLEAN NOT NULL,
    create_time    TIMESTAMP NOT NULL,
    update_time    TIMESTAMP NOT NULL,
    -- All that the history makes of it, as JSON.
    state          TEXT NOT NULL
);

CREATE INDEX needs_by_status ON needs (status, seq);
CREATE INDEX needs_by_division ON needs (division_code, seq);
CREATE INDEX needs_by_team ON needs (team, status, seq);
CREATE INDEX needs_by_raiser ON needs (raiser, seq);
CREATE INDEX needs_by_due ON needs (status, due_time);

CREATE TABLE need_events (
    need_id    BLOB NOT NULL REFERENCES needs (id),
    version    BIGINT NOT NULL,
    actor      TEXT NOT NULL,
    occur_time TIMESTAMP NOT NULL,
    -- The event, as JSON.
    event      TEXT NOT NULL,
    PRIMARY KEY (need_id, version)
);

-- How many needs each team has, so that of two proposals at once one finds the team full.
CREATE TABLE team_loads (
    team  TEXT NOT NULL PRIMARY KEY,
    needs BIGINT NOT NULL
);

-- What cases are to be told of a part of the corps, in this order; written in the transaction that makes it so.
CREATE TABLE case_calls (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    -- By which cases know the call when it comes again.
    id         BLOB NOT NULL UNIQUE,
    need_id    BLOB NOT NULL REFERENCES needs (id),
    assignment TEXT NOT NULL,
    -- sign, reply, resolve, return.
    kind       TEXT NOT NULL,
    reason     TEXT NOT NULL,
    text       TEXT NOT NULL,
    -- open, done, refused.
    state      TEXT NOT NULL,
    attempts   BIGINT NOT NULL,
    next_time  TIMESTAMP NOT NULL
);

CREATE INDEX case_calls_by_state ON case_calls (state, next_time);
CREATE INDEX case_calls_by_assignment ON case_calls (assignment, seq);

-- How far what is dispatched to the corps was heard of.
CREATE TABLE case_cursor (
    id     BIGINT NOT NULL PRIMARY KEY,
    cursor_text TEXT NOT NULL
);
