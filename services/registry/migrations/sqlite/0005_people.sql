-- People, the offices they hold, and who read what about them.

CREATE TABLE people (
    id                    TEXT        NOT NULL PRIMARY KEY,
    display_name          TEXT        NOT NULL,
    -- Where the record is kept.
    division_code         TEXT        NOT NULL,
    work_phone            TEXT        NOT NULL,
    -- Sealed, and found by a keyed hash of the number's normal form.
    phone                 BLOB,
    phone_index           BLOB,
    identity_number       BLOB,
    identity_number_index BLOB       UNIQUE,
    effective_from        DATE        NOT NULL,
    effective_to          DATE,
    create_time           TIMESTAMP NOT NULL,
    update_time           TIMESTAMP NOT NULL,
    version               BIGINT      NOT NULL
);

CREATE INDEX people_by_division ON people (division_code);
CREATE INDEX people_by_phone ON people (phone_index);

-- The accounts of people.
CREATE TABLE person_subjects (
    issuer    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX person_subjects_by_person ON person_subjects (person_id);

CREATE TABLE appointments (
    id              TEXT        NOT NULL PRIMARY KEY,
    person_id       TEXT        NOT NULL REFERENCES people (id),
    -- In snake case: grid_lead.
    role            TEXT        NOT NULL,
    -- How many digits the codes of a representative's level have; 0 for other roles.
    level           INTEGER     NOT NULL,
    organization_id TEXT        REFERENCES organizations (id),
    -- Of a division or a grid; empty is everywhere.
    division_code   TEXT        NOT NULL,
    effective_from  DATE        NOT NULL,
    effective_to    DATE,
    create_time     TIMESTAMP NOT NULL,
    update_time     TIMESTAMP NOT NULL,
    version         BIGINT      NOT NULL
);

CREATE INDEX appointments_by_person ON appointments (person_id);
CREATE INDEX appointments_by_division ON appointments (division_code, role);
CREATE INDEX appointments_by_organization ON appointments (organization_id);

-- Every reading of what is usually masked, and every search by it.
CREATE TABLE access_records (
    id         BLOB        NOT NULL PRIMARY KEY,
    -- The name of what was read: people/x, households/y.
    subject    TEXT        NOT NULL,
    actor      TEXT        NOT NULL,
    purpose    TEXT        NOT NULL,
    -- Names with commas between them.
    fields     TEXT        NOT NULL,
    occur_time TIMESTAMP NOT NULL
);

CREATE INDEX access_records_by_subject ON access_records (subject, id);
