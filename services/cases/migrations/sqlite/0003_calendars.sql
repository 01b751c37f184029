-- Working calendars, in versions that never change: cases are counted by the version they were accepted under.

-- The notices of the State Council. An edition is a state of all of them: for each year, its notice of the greatest edition
-- up to it counts.
CREATE TABLE national_notices (
    year        INTEGER   NOT NULL,
    edition     BIGINT    NOT NULL,
    source      TEXT      NOT NULL,
    create_time TIMESTAMP NOT NULL,
    PRIMARY KEY (year, edition)
);

CREATE TABLE national_days (
    year    INTEGER NOT NULL,
    edition BIGINT  NOT NULL,
    date    DATE    NOT NULL,
    name    TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    PRIMARY KEY (year, edition, date),
    FOREIGN KEY (year, edition) REFERENCES national_notices (year, edition)
);

-- One row, the newest edition. Whoever makes a version of any calendar writes it first, so that no calendar is changed
-- while an import renews all of them.
CREATE TABLE national_edition (
    id      INTEGER NOT NULL PRIMARY KEY,
    edition BIGINT  NOT NULL
);

INSERT INTO national_edition (id, edition) VALUES (1, 0);

CREATE TABLE calendars (
    id          TEXT      NOT NULL PRIMARY KEY,
    -- The newest version.
    version     BIGINT    NOT NULL,
    create_time TIMESTAMP NOT NULL
);

CREATE TABLE calendar_versions (
    calendar_id     TEXT      NOT NULL REFERENCES calendars (id),
    version         BIGINT    NOT NULL,
    display_name    TEXT      NOT NULL,
    organization_id TEXT,
    -- Periods and exceptions, as JSON.
    rules           TEXT      NOT NULL,
    -- The national days that apply; none where they do not.
    edition         BIGINT,
    create_time     TIMESTAMP NOT NULL,
    PRIMARY KEY (calendar_id, version)
);
