-- A person's readings of records, by name (docs/importing.md). An import copies nothing from here:
-- traces keep the name as their format_id.

CREATE TABLE mapping (
    name         VARCHAR PRIMARY KEY,
    spec         JSON NOT NULL,
    created_at   TIMESTAMP NOT NULL,    -- UTC
    updated_at   TIMESTAMP NOT NULL     -- UTC
);
