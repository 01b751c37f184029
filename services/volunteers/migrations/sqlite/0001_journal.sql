-- What every write leaves behind: events for those who follow, and answers for requests that come again.

CREATE TABLE events (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The transaction, for the order of the feed; one writer at a time needs none.
    tx            BIGINT    NOT NULL DEFAULT 0,
    id            BLOB      NOT NULL UNIQUE,
    kind          TEXT      NOT NULL,
    subject       TEXT      NOT NULL,
    division_code TEXT      NOT NULL,
    occur_time    TIMESTAMP NOT NULL,
    actor         TEXT      NOT NULL,
    payload       TEXT      NOT NULL
);

CREATE INDEX events_in_order ON events (tx, seq);

CREATE VIEW event_feed AS
SELECT tx, seq, id, kind, subject, division_code, occur_time, actor, payload FROM events;

CREATE TABLE requests (
    actor       TEXT      NOT NULL,
    id          BLOB      NOT NULL,
    method      TEXT      NOT NULL,
    digest      BLOB      NOT NULL,
    outcome     TEXT      NOT NULL,
    create_time TIMESTAMP NOT NULL,
    PRIMARY KEY (actor, id)
);

CREATE INDEX requests_by_age ON requests (create_time);
