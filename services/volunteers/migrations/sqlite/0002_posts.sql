-- Kinds of post, versioned: no version is ever changed.

CREATE TABLE posts (
    id      TEXT NOT NULL PRIMARY KEY,
    -- The present one.
    version BIGINT NOT NULL
);

CREATE TABLE post_versions (
    post_id        TEXT NOT NULL REFERENCES posts (id),
    version        BIGINT NOT NULL,
    category       TEXT   NOT NULL,
    effective_from DATE   NOT NULL,
    effective_to   DATE,
    -- All of it, as JSON.
    state          TEXT   NOT NULL,
    PRIMARY KEY (post_id, version)
);
