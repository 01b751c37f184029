-- Volunteers, and who read what about them.

CREATE TABLE volunteers (
    -- The unified number.
    number         TEXT NOT NULL PRIMARY KEY,
    version        BIGINT      NOT NULL,
    -- By whom they are when they sign in: people/x or issuer#subject; null for whoever never signed in.
    account        TEXT        UNIQUE,
    -- The keyed hash of the identity number: one person registers once.
    identity_index BLOB        NOT NULL UNIQUE,
    division_code  TEXT NOT NULL,
    status         TEXT        NOT NULL,
    real_name      TEXT        NOT NULL,
    create_time    TIMESTAMP NOT NULL,
    update_time    TIMESTAMP NOT NULL,
    -- Name, identity number, telephone and guardian, sealed as one text.
    sealed         BLOB        NOT NULL,
    -- The rest, as JSON.
    state          TEXT        NOT NULL
);

CREATE INDEX volunteers_by_division ON volunteers (division_code, number);

-- Every reading of what is usually masked.
CREATE TABLE access_records (
    id         BLOB        NOT NULL PRIMARY KEY,
    -- volunteers/x.
    subject    TEXT NOT NULL,
    actor      TEXT        NOT NULL,
    purpose    TEXT        NOT NULL,
    -- Names with commas between them.
    fields     TEXT        NOT NULL,
    occur_time TIMESTAMP NOT NULL
);

CREATE INDEX access_records_by_subject ON access_records (subject, id);
