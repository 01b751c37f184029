-- The contact chain: who keeps in contact with whom.

CREATE TABLE contact_links (
    id             UUID        NOT NULL PRIMARY KEY,
    -- The grid for which it was made; the household, or the contact's office, may be elsewhere since.
    grid_code      TEXT        COLLATE "C" NOT NULL,
    -- 1 household to member, 2 member to backbone, 3 backbone to lead.
    kind           INTEGER     NOT NULL,
    -- The id of a household, or of a person. No reference: households have a later migration.
    subject        TEXT        COLLATE "C" NOT NULL,
    -- The id of a person.
    contact        TEXT        COLLATE "C" NOT NULL,
    effective_from DATE        NOT NULL,
    effective_to   DATE,
    create_time    TIMESTAMPTZ NOT NULL,
    update_time    TIMESTAMPTZ NOT NULL,
    version        BIGINT      NOT NULL
);

-- Holds all that is asked of many links at once, so that the coverage of a city reads no rows of the table.
CREATE INDEX contact_links_in_order ON contact_links (grid_code, kind, subject, id, contact, effective_from, effective_to);
CREATE INDEX contact_links_by_subject ON contact_links (subject);
CREATE INDEX contact_links_by_contact ON contact_links (contact);

-- A subject has one contact at a time in a grid.
CREATE UNIQUE INDEX contact_links_standing ON contact_links (grid_code, kind, subject) WHERE effective_to IS NULL;
