-- Grids, by their codes: 12 digits of the village, 3 of their own.

CREATE TABLE grids (
    code           TEXT      NOT NULL PRIMARY KEY,
    display_name   TEXT      NOT NULL,
    effective_from DATE      NOT NULL,
    effective_to   DATE,
    -- Codes with commas between them.
    successors     TEXT      NOT NULL,
    -- GeoJSON in WGS-84. It, the place that stands for it and the rectangle around it are there together or not at all.
    boundary       TEXT,
    area_m2        REAL      NOT NULL,
    latitude       REAL,
    longitude      REAL,
    west           REAL,
    south          REAL,
    east           REAL,
    north          REAL,
    create_time    TIMESTAMP NOT NULL,
    update_time    TIMESTAMP NOT NULL,
    version        BIGINT    NOT NULL
);

-- Finds what could lie over a boundary without reading boundaries.
CREATE INDEX grids_by_rectangle ON grids (south, north, west, east);

-- One row, which whoever begins a grid or draws a boundary writes first: two that would lie over each other, or a
-- grid and the end of its village, then happen one after the other and the later one sees the earlier.
CREATE TABLE grid_lock (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    changes BIGINT  NOT NULL
);

INSERT INTO grid_lock (id, changes) VALUES (1, 0);
