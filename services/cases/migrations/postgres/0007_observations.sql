-- Civic information: what officers observed, and what became of it.

CREATE TABLE observations (
    -- Drawn by the officer's device.
    id            UUID        NOT NULL PRIMARY KEY,
    -- SHA-256 of who sent it and what: the same again is no other one.
    digest        BYTEA       NOT NULL,
    kind          TEXT        NOT NULL,
    observe_time  TIMESTAMPTZ NOT NULL,
    officer       TEXT        NOT NULL,
    organization  TEXT,
    -- The grid.
    division_code TEXT COLLATE "C" NOT NULL,
    latitude      DOUBLE PRECISION,
    longitude     DOUBLE PRECISION,
    title         TEXT        NOT NULL,
    content       TEXT        NOT NULL,
    -- As the registry names it; only a reference.
    household     TEXT,
    create_time   TIMESTAMPTZ NOT NULL,
    -- What changes: everything from here on. The class is null until somebody says it.
    version       BIGINT      NOT NULL,
    class         TEXT,
    needs_action  BOOLEAN     NOT NULL,
    state         TEXT        NOT NULL CHECK (state IN ('new', 'archived', 'raised')),
    handler       TEXT,
    case_number   TEXT COLLATE "C" UNIQUE REFERENCES cases (number),
    update_time   TIMESTAMPTZ NOT NULL,
    CHECK ((state = 'raised') = (case_number IS NOT NULL))
);

CREATE INDEX observations_by_time ON observations (observe_time, id);
CREATE INDEX observations_by_division ON observations (division_code, observe_time);
CREATE INDEX observations_by_officer ON observations (officer, observe_time);
