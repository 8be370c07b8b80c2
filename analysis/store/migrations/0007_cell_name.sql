-- What a person says of cells and questions, beside what the records say (which stays in trace_row).

-- A cell as its records say it (NULL: not stated) -> model, effort, budget and place in the order that
-- a person gave it. NULL in these leaves what the records say.
CREATE TABLE cell_name (
    dataset      VARCHAR NOT NULL,
    stated_model VARCHAR,
    stated_effort VARCHAR,              -- as the tables name it: effort, else budget, with the checkpoint
    model        VARCHAR,
    effort       VARCHAR,
    budget_tokens BIGINT,
    position     DOUBLE,                -- from the least effort to the most
    updated_at   TIMESTAMP NOT NULL     -- UTC
);

-- Questions that a person declared the same: question_key counts as into_key.
CREATE TABLE question_merge (
    question_key VARCHAR PRIMARY KEY,
    into_key     VARCHAR NOT NULL,
    created_at   TIMESTAMP NOT NULL     -- UTC
);
