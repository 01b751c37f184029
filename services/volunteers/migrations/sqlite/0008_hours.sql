-- Hours: entries that are only ever appended, each chained to the one before.

CREATE TABLE hour_entries (
    -- The place in the chain: 1 is the first, and none is left out.
    seq           INTEGER NOT NULL PRIMARY KEY,
    volunteer     TEXT NOT NULL,
    team          TEXT NOT NULL,
    post          TEXT NOT NULL,
    activity      TEXT,
    shift         TEXT,
    need          TEXT,
    division_code TEXT NOT NULL,
    from_time     TIMESTAMP NOT NULL,
    to_time       TIMESTAMP NOT NULL,
    -- Negative in a correction that takes some.
    minutes       BIGINT NOT NULL,
    source        TEXT NOT NULL,
    -- The entry that this one mends.
    corrects      BIGINT REFERENCES hour_entries (seq),
    reason        TEXT NOT NULL,
    recorder      TEXT NOT NULL,
    certifier     TEXT NOT NULL,
    record_time   TIMESTAMP NOT NULL,
    -- SHA-256 over the hash before it, its place and all of the above.
    hash          BLOB NOT NULL
);

-- What somebody served, and whether they were elsewhere at a time.
CREATE INDEX hour_entries_by_volunteer ON hour_entries (volunteer, from_time);
CREATE INDEX hour_entries_by_team ON hour_entries (team, seq);
CREATE INDEX hour_entries_by_division ON hour_entries (division_code, seq);
CREATE INDEX hour_entries_by_correction ON hour_entries (corrects) WHERE corrects IS NOT NULL;

-- The end of the chain. Whoever appends locks this row last, so that others wait for no more than two statements.
CREATE TABLE hour_chain (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash BLOB NOT NULL
);

INSERT INTO hour_chain (id, seq, hash) VALUES (1, 0, zeroblob(32));

-- What the entries of each person add up to; also the row that is locked while their hours are looked into.
CREATE TABLE hour_totals (
    volunteer TEXT NOT NULL PRIMARY KEY,
    minutes   BIGINT NOT NULL,
    times     BIGINT NOT NULL
);

-- Thanks and awards.
CREATE TABLE honours (
    id          BLOB NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    volunteer   TEXT NOT NULL,
    need        TEXT,
    text        TEXT NOT NULL,
    giver       TEXT NOT NULL,
    create_time TIMESTAMP NOT NULL,
    -- One need is thanked for once by one giver.
    UNIQUE (need, giver, volunteer)
);

CREATE INDEX honours_by_volunteer ON honours (volunteer, create_time, id);
