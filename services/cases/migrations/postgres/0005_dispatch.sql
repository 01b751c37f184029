-- Dispatch: rules that name who handles a case, and what was learnt from cases that were dispatched.

CREATE TABLE dispatch_rules (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    display_name     TEXT      NOT NULL,
    priority         INTEGER   NOT NULL,
    division_code    TEXT COLLATE "C" NOT NULL,
    case_types       TEXT      NOT NULL,
    item             TEXT,
    function         TEXT      NOT NULL,
    keywords         TEXT      NOT NULL,
    -- Whom it names: one of the two.
    organization     TEXT,
    responsible_function TEXT,
    create_time      TIMESTAMPTZ NOT NULL,
    update_time      TIMESTAMPTZ NOT NULL,
    version          BIGINT    NOT NULL
);

CREATE INDEX dispatch_rules_by_division ON dispatch_rules (division_code);

-- One row, which whoever adds a rule writes first, so that two do not fill the same last place.
CREATE TABLE dispatch_state (
    id      INTEGER NOT NULL PRIMARY KEY,
    version BIGINT  NOT NULL
);

INSERT INTO dispatch_state (id, version) VALUES (1, 1), (2, 1);

-- Lessons that wait to be counted. A dispatch only adds one here: were the counts changed in its own transaction, all
-- dispatches would wait for each other at the counts that they share.
CREATE TABLE dispatch_lessons (
    seq          BIGINT    GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization TEXT COLLATE "C" NOT NULL,
    -- 1 to learn, -1 to unlearn.
    cases        BIGINT    NOT NULL,
    -- One a line: words without numbers and names of people, places, item, type.
    features     TEXT      NOT NULL,
    create_time  TIMESTAMPTZ NOT NULL
);

-- Cases that an organization had.
CREATE TABLE dispatch_organizations (
    organization TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    cases        BIGINT NOT NULL
);

-- Of them, those in which a feature occurred.
CREATE TABLE dispatch_counts (
    feature      TEXT COLLATE "C" NOT NULL,
    organization TEXT COLLATE "C" NOT NULL,
    cases        BIGINT NOT NULL,
    PRIMARY KEY (feature, organization)
);

-- The vocabulary, which is bounded: the features that are words, in how many cases they occurred, and when last.
CREATE TABLE dispatch_words (
    feature     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    cases       BIGINT    NOT NULL,
    update_time TIMESTAMPTZ NOT NULL
);
