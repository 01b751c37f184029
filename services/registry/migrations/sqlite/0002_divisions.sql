-- Divisions, by their official codes: whatever begins with a code lies in it.

CREATE TABLE divisions (
    code           TEXT      NOT NULL PRIMARY KEY,
    -- How many digits the code has.
    level          INTEGER   NOT NULL,
    display_name   TEXT      NOT NULL,
    effective_from DATE      NOT NULL,
    effective_to   DATE,
    -- Codes with commas between them.
    successors     TEXT      NOT NULL,
    create_time    TIMESTAMP NOT NULL,
    update_time    TIMESTAMP NOT NULL,
    version        BIGINT    NOT NULL
);
