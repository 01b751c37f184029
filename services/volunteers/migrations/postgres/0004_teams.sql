-- Teams and who belongs to them.

CREATE TABLE teams (
    id             TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    version        BIGINT NOT NULL,
    post           TEXT   COLLATE "C" NOT NULL REFERENCES posts (id),
    division_code  TEXT   COLLATE "C" NOT NULL,
    -- The leader's number.
    leader         TEXT   COLLATE "C" REFERENCES volunteers (number),
    effective_from DATE   NOT NULL,
    effective_to   DATE,
    -- All of it, as JSON.
    state          TEXT   NOT NULL
);

CREATE INDEX teams_by_division ON teams (division_code, id);
CREATE INDEX teams_by_leader ON teams (leader);

CREATE TABLE memberships (
    id          UUID        NOT NULL PRIMARY KEY,
    team        TEXT        COLLATE "C" NOT NULL REFERENCES teams (id),
    volunteer   TEXT        COLLATE "C" NOT NULL REFERENCES volunteers (number),
    -- requested, active, declined, ended.
    status      TEXT        NOT NULL,
    -- Why it was declined or ended.
    reason      TEXT        NOT NULL,
    -- Who decided last.
    decider     TEXT        NOT NULL,
    version     BIGINT      NOT NULL,
    create_time TIMESTAMPTZ NOT NULL,
    update_time TIMESTAMPTZ NOT NULL
);

-- Nobody is asked for, or belongs, twice at a time.
CREATE UNIQUE INDEX memberships_once ON memberships (team, volunteer) WHERE status IN ('requested', 'active');
CREATE INDEX memberships_by_team ON memberships (team, id);
CREATE INDEX memberships_by_volunteer ON memberships (volunteer, id);
