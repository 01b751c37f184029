-- The service catalogue: what departments do for people, in versions that stay readable.

CREATE TABLE items (
    id             TEXT      NOT NULL PRIMARY KEY,
    -- The present one; every version up to it is in item_versions.
    version        BIGINT    NOT NULL,
    -- Where it is offered, with all that lies in it.
    division_code  TEXT      NOT NULL,
    effective_from DATE      NOT NULL,
    create_time    TIMESTAMP NOT NULL
);

CREATE INDEX items_by_division ON items (division_code);

-- Lists stand in one column each, as the catalogue's file has them: names with blanks between, texts one a line.
CREATE TABLE item_versions (
    item_id         TEXT      NOT NULL REFERENCES items (id),
    version         BIGINT    NOT NULL,
    display_name    TEXT      NOT NULL,
    department      TEXT      NOT NULL,
    levels          TEXT      NOT NULL,
    case_types      TEXT      NOT NULL,
    promised_limit  TEXT      NOT NULL,
    statutory_limit TEXT,
    function        TEXT      NOT NULL,
    calendar        TEXT      NOT NULL,
    documents       TEXT      NOT NULL,
    legal_basis     TEXT      NOT NULL,
    keywords        TEXT      NOT NULL,
    effective_to    DATE,
    update_time     TIMESTAMP NOT NULL,
    PRIMARY KEY (item_id, version)
);

CREATE INDEX item_versions_by_department ON item_versions (department);
