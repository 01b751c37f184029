-- Organizations: who handles what, where.

CREATE TABLE organizations (
    id             TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
    display_name   TEXT        NOT NULL,
    kind           TEXT        NOT NULL,
    parent_id      TEXT        COLLATE "C" REFERENCES organizations (id),
    -- Where it belongs.
    division_code  TEXT        COLLATE "C" NOT NULL,
    phone          TEXT        NOT NULL,
    address        TEXT        NOT NULL,
    opening_hours  TEXT        NOT NULL,
    effective_from DATE        NOT NULL,
    effective_to   DATE,
    create_time    TIMESTAMPTZ NOT NULL,
    update_time    TIMESTAMPTZ NOT NULL,
    version        BIGINT      NOT NULL
);

CREATE INDEX organizations_by_parent ON organizations (parent_id);
CREATE INDEX organizations_by_division ON organizations (division_code);

-- What it is responsible for: each code with all that lies in it. Ordered by code first, for the look-up by place.
CREATE TABLE organization_jurisdictions (
    code            TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    PRIMARY KEY (code, organization_id)
);

CREATE INDEX organization_jurisdictions_by_organization ON organization_jurisdictions (organization_id);

CREATE TABLE organization_functions (
    function        TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    PRIMARY KEY (function, organization_id)
);

CREATE INDEX organization_functions_by_organization ON organization_functions (organization_id);

-- One row, which whoever changes the hierarchy, ends an organization or appoints to one writes first. Two that could each
-- be right alone, and together close a circle or appoint to what ends, then happen one after the other.
CREATE TABLE organization_tree (
    id      INTEGER NOT NULL PRIMARY KEY,
    version BIGINT  NOT NULL
);

INSERT INTO organization_tree (id, version) VALUES (1, 1);
