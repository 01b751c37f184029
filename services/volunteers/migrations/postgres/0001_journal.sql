-- What every write leaves behind: events for those who follow, and answers for requests that come again.

CREATE TABLE events (
    seq           BIGINT      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The transaction, for the order of the feed: sequence numbers become visible out of order.
    tx            BIGINT      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    id            UUID        NOT NULL UNIQUE,
    kind          TEXT        NOT NULL,
    subject       TEXT        NOT NULL,
    division_code TEXT        COLLATE "C" NOT NULL,
    occur_time    TIMESTAMPTZ NOT NULL,
    actor         TEXT        NOT NULL,
    payload       TEXT        NOT NULL
);

CREATE INDEX events_in_order ON events (tx, seq);

-- Hides what a transaction still running could precede.
CREATE VIEW event_feed AS
SELECT tx, seq, id, kind, subject, division_code, occur_time, actor, payload FROM events
WHERE tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

CREATE TABLE requests (
    actor       TEXT        NOT NULL,
    id          UUID        NOT NULL,
    method      TEXT        NOT NULL,
    digest      BYTEA       NOT NULL,
    outcome     TEXT        NOT NULL,
    create_time TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (actor, id)
);

CREATE INDEX requests_by_age ON requests (create_time);
