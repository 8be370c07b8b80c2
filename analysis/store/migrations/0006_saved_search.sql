-- Searches that a person keeps by name; spec is the address of the Search page (docs/search.md).

CREATE TABLE saved_search (
    name         VARCHAR PRIMARY KEY,
    spec         VARCHAR NOT NULL,
    created_at   TIMESTAMP NOT NULL,    -- UTC
    updated_at   TIMESTAMP NOT NULL     -- UTC
);
