-- Figures: one row for each round of a case, written in the same transaction as the case.

CREATE TABLE case_figures (
    case_number      TEXT COLLATE "C" NOT NULL,
    round            BIGINT NOT NULL,
    -- The version of the case from which on it counts so.
    version          BIGINT NOT NULL,
    division_code    TEXT COLLATE "C" NOT NULL,
    -- The one that leads; empty while none does.
    organization     TEXT COLLATE "C" NOT NULL,
    item             TEXT COLLATE "C" NOT NULL,
    -- As it came in.
    kind             TEXT COLLATE "C" NOT NULL,
    door             TEXT COLLATE "C" NOT NULL,
    status           TEXT COLLATE "C" NOT NULL,
    -- Why it is not counted; empty when it is.
    left_out         TEXT COLLATE "C" NOT NULL,
    -- Days in China's civil time: periods and months are ranges of them.
    begin_day        TEXT COLLATE "C" NOT NULL,
    resolve_day      TEXT COLLATE "C",
    close_day        TEXT COLLATE "C",
    begin_time       TIMESTAMPTZ NOT NULL,
    accepted         BOOLEAN NOT NULL,
    dispatch_time    TIMESTAMPTZ,
    first_reply_time TIMESTAMPTZ,
    resolve_time     TIMESTAMPTZ,
    close_time       TIMESTAMPTZ,
    due_time         TIMESTAMPTZ,
    responded        BOOLEAN NOT NULL,
    -- Null: not known yet, or not said.
    in_time          BOOLEAN,
    resolved         BOOLEAN NOT NULL,
    on_time          BOOLEAN,
    called_back      BOOLEAN NOT NULL,
    reached          BOOLEAN NOT NULL,
    solved           BOOLEAN,
    satisfaction     TEXT COLLATE "C",
    handled          TEXT COLLATE "C",
    reopened         BOOLEAN NOT NULL,
    PRIMARY KEY (case_number, round),
    FOREIGN KEY (case_number) REFERENCES cases (number)
);

CREATE INDEX case_figures_by_begin ON case_figures (begin_day);
CREATE INDEX case_figures_by_resolve ON case_figures (resolve_day);
CREATE INDEX case_figures_by_close ON case_figures (close_day);

-- Figures that were published.
CREATE TABLE figure_snapshots (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    display_name  TEXT NOT NULL,
    division_code TEXT COLLATE "C" NOT NULL,
    -- What was asked and what was counted, as JSON.
    query         TEXT NOT NULL,
    figures       TEXT NOT NULL,
    hash          TEXT NOT NULL,
    publish_time  TIMESTAMPTZ NOT NULL
);

CREATE INDEX figure_snapshots_by_time ON figure_snapshots (publish_time, id);

-- What they count, as it was: rows of case_figures that never change. Written before the snapshot they belong to, in the
-- same transaction: figures and rows are counted from these, not from what may move meanwhile.
CREATE TABLE figure_snapshot_rows (
    snapshot         TEXT COLLATE "C" NOT NULL,
    case_number      TEXT COLLATE "C" NOT NULL,
    round            BIGINT NOT NULL,
    version          BIGINT NOT NULL,
    division_code    TEXT COLLATE "C" NOT NULL,
    organization     TEXT COLLATE "C" NOT NULL,
    item             TEXT COLLATE "C" NOT NULL,
    kind             TEXT COLLATE "C" NOT NULL,
    door             TEXT COLLATE "C" NOT NULL,
    status           TEXT COLLATE "C" NOT NULL,
    left_out         TEXT COLLATE "C" NOT NULL,
    begin_day        TEXT COLLATE "C" NOT NULL,
    resolve_day      TEXT COLLATE "C",
    close_day        TEXT COLLATE "C",
    begin_time       TIMESTAMPTZ NOT NULL,
    accepted         BOOLEAN NOT NULL,
    dispatch_time    TIMESTAMPTZ,
    first_reply_time TIMESTAMPTZ,
    resolve_time     TIMESTAMPTZ,
    close_time       TIMESTAMPTZ,
    due_time         TIMESTAMPTZ,
    responded        BOOLEAN NOT NULL,
    in_time          BOOLEAN,
    resolved         BOOLEAN NOT NULL,
    on_time          BOOLEAN,
    called_back      BOOLEAN NOT NULL,
    reached          BOOLEAN NOT NULL,
    solved           BOOLEAN,
    satisfaction     TEXT COLLATE "C",
    handled          TEXT COLLATE "C",
    reopened         BOOLEAN NOT NULL,
    PRIMARY KEY (snapshot, case_number, round)
);
