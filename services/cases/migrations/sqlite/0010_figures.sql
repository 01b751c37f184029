-- Figures: one row for each round of a case, written in the same transaction as the case.

CREATE TABLE case_figures (
    case_number      TEXT NOT NULL,
    round            BIGINT NOT NULL,
    -- The version of the case from which on it counts so.
    version          BIGINT NOT NULL,
    division_code    TEXT NOT NULL,
    -- The one that leads; empty while none does.
    organization     TEXT NOT NULL,
    item             TEXT NOT NULL,
    -- As it came in.
    kind             TEXT NOT NULL,
    door             TEXT NOT NULL,
    status           TEXT NOT NULL,
    -- Why it is not counted; empty when it is.
    left_out         TEXT NOT NULL,
    -- Days in China's civil time: periods and months are ranges of them.
    begin_day        TEXT NOT NULL,
    resolve_day      TEXT,
    close_day        TEXT,
    begin_time       TIMESTAMP NOT NULL,
    accepted         BOOLEAN NOT NULL,
    dispatch_time    TIMESTAMP,
    first_reply_time TIMESTAMP,
    resolve_time     TIMESTAMP,
    close_time       TIMESTAMP,
    due_time         TIMESTAMP,
    responded        BOOLEAN NOT NULL,
    -- Null: not known yet, or not said.
    in_time          BOOLEAN,
    resolved         BOOLEAN NOT NULL,
    on_time          BOOLEAN,
    called_back      BOOLEAN NOT NULL,
    reached          BOOLEAN NOT NULL,
    solved           BOOLEAN,
    satisfaction     TEXT,
    handled          TEXT,
    reopened         BOOLEAN NOT NULL,
    PRIMARY KEY (case_number, round),
    FOREIGN KEY (case_number) REFERENCES cases (number)
);

CREATE INDEX case_figures_by_begin ON case_figures (begin_day);
CREATE INDEX case_figures_by_resolve ON case_figures (resolve_day);
CREATE INDEX case_figures_by_close ON case_figures (close_day);

-- Figures that were published.
CREATE TABLE figure_snapshots (
    id            TEXT NOT NULL PRIMARY KEY,
    display_name  TEXT NOT NULL,
    division_code TEXT NOT NULL,
    -- What was asked and what was counted, as JSON.
    query         TEXT NOT NULL,
    figures       TEXT NOT NULL,
    hash          TEXT NOT NULL,
    publish_time  TIMESTAMP NOT NULL
);

CREATE INDEX figure_snapshots_by_time ON figure_snapshots (publish_time, id);

-- What they count, as it was: rows of case_figures that never change. Written before the snapshot they belong to, in the
-- same transaction: figures and rows are counted from these, not from what may move meanwhile.
CREATE TABLE figure_snapshot_rows (
    snapshot         TEXT NOT NULL,
    case_number      TEXT NOT NULL,
    round            BIGINT NOT NULL,
    version          BIGINT NOT NULL,
    division_code    TEXT NOT NULL,
    organization     TEXT NOT NULL,
    item             TEXT NOT NULL,
    kind             TEXT NOT NULL,
    door             TEXT NOT NULL,
    status           TEXT NOT NULL,
    left_out         TEXT NOT NULL,
    begin_day        TEXT NOT NULL,
    resolve_day      TEXT,
    close_day        TEXT,
    begin_time       TIMESTAMP NOT NULL,
    accepted         BOOLEAN NOT NULL,
    dispatch_time    TIMESTAMP,
    first_reply_time TIMESTAMP,
    resolve_time     TIMESTAMP,
    close_time       TIMESTAMP,
    due_time         TIMESTAMP,
    responded        BOOLEAN NOT NULL,
    in_time          BOOLEAN,
    resolved         BOOLEAN NOT NULL,
    on_time          BOOLEAN,
    called_back      BOOLEAN NOT NULL,
    reached          BOOLEAN NOT NULL,
    solved           BOOLEAN,
    satisfaction     TEXT,
    handled          TEXT,
    reopened         BOOLEAN NOT NULL,
    PRIMARY KEY (snapshot, case_number, round)
);
