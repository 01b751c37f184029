-- Certificates of service, and what asked for them.

CREATE TABLE certificate_requests (
    id            BLOB NOT NULL PRIMARY KEY,
    volunteer     TEXT NOT NULL,
    division_code TEXT NOT NULL,
    state         TEXT NOT NULL,
    create_time   TIMESTAMP NOT NULL,
    -- All of it, as JSON.
    content       TEXT NOT NULL
);

CREATE INDEX certificate_requests_by_state ON certificate_requests (state, id);
CREATE INDEX certificate_requests_by_volunteer ON certificate_requests (volunteer, id);

-- How many certificates each year has: the row is locked while one is issued, so that no number is left out.
CREATE TABLE certificate_years (
    year  BIGINT NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL
);

CREATE TABLE certificates (
    number        TEXT NOT NULL PRIMARY KEY,
    volunteer     TEXT NOT NULL,
    division_code TEXT NOT NULL,
    -- Who the holder is, sealed.
    holder        BLOB NOT NULL,
    -- All of it, as JSON.
    content       TEXT NOT NULL
);

CREATE INDEX certificates_by_volunteer ON certificates (volunteer, number);
