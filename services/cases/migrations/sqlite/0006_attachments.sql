-- Photos and documents: the bytes that are kept, and the files that they are of.

-- What is in the store of files, by its key. A row stands here before the first byte is written and goes after the last
-- one is removed, so nothing lies there that nobody knows of.
CREATE TABLE attachment_objects (
    key         BLOB        NOT NULL PRIMARY KEY,
    -- 'writing': somebody writes it, or broke off. 'kept': whole, and files are of it. 'dropped': to be removed.
    state       TEXT        NOT NULL CHECK (state IN ('writing', 'kept', 'dropped')),
    -- Of what is kept: each content once. Others have none.
    sha256      BLOB       UNIQUE,
    size_bytes  BIGINT      NOT NULL,
    update_time TIMESTAMP   NOT NULL
);

CREATE INDEX attachment_objects_to_remove ON attachment_objects (update_time) WHERE state <> 'kept';

CREATE TABLE attachments (
    id           BLOB        NOT NULL PRIMARY KEY,
    object_key   BLOB        NOT NULL REFERENCES attachment_objects (key),
    file_name    TEXT        NOT NULL,
    content_type TEXT        NOT NULL,
    -- None while it is pending: no case has it yet.
    case_number  TEXT,
    uploader     TEXT        NOT NULL,
    -- SHA-256 of the token by which a case claims it.
    token_hash   BLOB       NOT NULL,
    create_time  TIMESTAMP   NOT NULL
);

CREATE INDEX attachments_pending ON attachments (create_time) WHERE case_number IS NULL;
CREATE INDEX attachments_of_case ON attachments (case_number) WHERE case_number IS NOT NULL;
CREATE INDEX attachments_of_object ON attachments (object_key);
