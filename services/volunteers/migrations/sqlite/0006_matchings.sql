-- Matchings: what went in, what came out and the proof, and what became of each match.

CREATE TABLE matchings (
    -- The order in which they were run, for lists.
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            BLOB NOT NULL UNIQUE,
    division_code TEXT NOT NULL,
    -- running, done.
    progress      TEXT NOT NULL,
    create_time   TIMESTAMP NOT NULL,
    -- What it says of itself, as JSON.
    state         TEXT NOT NULL
);

CREATE INDEX matchings_by_division ON matchings (division_code, seq);

CREATE TABLE matching_needs (
    matching_id BLOB NOT NULL REFERENCES matchings (id),
    need_id     BLOB NOT NULL,
    -- Its team; empty for none.
    team        TEXT NOT NULL,
    -- pending, proposed, skipped, unmatched.
    outcome     TEXT NOT NULL,
    -- Why it was skipped, or has no team.
    reason      TEXT NOT NULL,
    -- The need as it was, its value, the parts of its cost, as JSON.
    state       TEXT NOT NULL,
    PRIMARY KEY (matching_id, need_id)
);

CREATE INDEX matching_needs_by_outcome ON matching_needs (matching_id, outcome, need_id);

CREATE TABLE matching_teams (
    matching_id BLOB NOT NULL REFERENCES matchings (id),
    team        TEXT NOT NULL,
    -- The team as it was, and its price, as JSON.
    state       TEXT NOT NULL,
    PRIMARY KEY (matching_id, team)
);

-- Whoever proposes matches holds this row: matchings that run at the same time take turns, and none waits for another in a circle.
CREATE TABLE matching_turn (
    id    BIGINT NOT NULL PRIMARY KEY,
    turns BIGINT NOT NULL
);

INSERT INTO matching_turn (id, turns) VALUES (1, 0);
