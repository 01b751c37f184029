-- Households and their residents: what is personal is sealed, and found by keyed hashes alone.

CREATE TABLE households (
    id             TEXT        NOT NULL PRIMARY KEY,
    grid_code      TEXT        NOT NULL,
    address        TEXT        NOT NULL,
    -- The address in a form whose order is that of doors in a street: 9 comes before 12.
    address_key    TEXT        NOT NULL,
    -- Residents that have not moved out.
    resident_count INTEGER     NOT NULL,
    -- The number of the resident who is the head; 0 for none.
    head_number    INTEGER     NOT NULL,
    -- Where an import has it from, and its id there; both empty for one that was created here.
    source         TEXT        NOT NULL,
    source_id      TEXT        NOT NULL,
    -- A keyed hash of the record as it was last imported.
    source_digest  BLOB        NOT NULL,
    effective_from DATE        NOT NULL,
    effective_to   DATE,
    create_time    TIMESTAMP   NOT NULL,
    update_time    TIMESTAMP   NOT NULL,
    version        BIGINT      NOT NULL
);

CREATE INDEX households_in_order ON households (grid_code, address_key, id);
CREATE UNIQUE INDEX households_by_source ON households (source, source_id) WHERE source <> '';

CREATE TABLE residents (
    household_id   TEXT        NOT NULL REFERENCES households (id),
    -- Counts up within the household.
    number         INTEGER     NOT NULL,
    relation       INTEGER     NOT NULL,
    -- Name, identity number, telephone and year of birth, sealed together.
    sealed         BLOB        NOT NULL,
    -- The id of the person of this registry who it is.
    person_id      TEXT,
    effective_from DATE        NOT NULL,
    effective_to   DATE,
    create_time    TIMESTAMP   NOT NULL,
    update_time    TIMESTAMP   NOT NULL,
    version        BIGINT      NOT NULL,
    PRIMARY KEY (household_id, number)
) WITHOUT ROWID;

CREATE INDEX residents_by_person ON residents (person_id) WHERE person_id IS NOT NULL;

-- Identity numbers of residents that have not moved out, as keyed hashes: one person lives in one household at a time.
-- A table of its own, so that an import can write it at its end in the order of the hashes.
CREATE TABLE resident_identities (
    identity_index BLOB    NOT NULL PRIMARY KEY,
    household_id   TEXT    NOT NULL,
    number         INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE household_sections (
    household_id TEXT        NOT NULL REFERENCES households (id),
    kind         TEXT        NOT NULL,
    sealed       BLOB        NOT NULL,
    update_time  TIMESTAMP   NOT NULL,
    version      BIGINT      NOT NULL,
    PRIMARY KEY (household_id, kind)
);

CREATE TABLE household_consents (
    household_id    TEXT        NOT NULL REFERENCES households (id),
    -- Counts up within the household.
    number          INTEGER     NOT NULL,
    -- The resident who consented.
    resident_number INTEGER     NOT NULL,
    -- Kinds of sections, and purposes, with commas between them.
    sections        TEXT        NOT NULL,
    purposes        TEXT        NOT NULL,
    effective_to    DATE        NOT NULL,
    evidence        TEXT        NOT NULL,
    create_time     TIMESTAMP   NOT NULL,
    withdraw_time   TIMESTAMP,
    PRIMARY KEY (household_id, number)
);
