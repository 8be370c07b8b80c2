-- Verdicts on answers, apart from the trace: what the verifier says, and what a person says.
-- trace_row.correct holds what counts: a person's verdict, else the stated one, else the verifier's.

CREATE TABLE verdict (
    trace_id     VARCHAR NOT NULL,
    source       VARCHAR NOT NULL CHECK (source IN ('verifier', 'person')),
    verdict      VARCHAR NOT NULL CHECK (verdict IN ('correct', 'wrong', 'undecided')),
    reason       VARCHAR NOT NULL,
    stage        VARCHAR NOT NULL,      -- where in the cascade; 'person' for a person's
    verifier     VARCHAR,               -- NULL for a person's
    verifier_version VARCHAR,
    gold_answer  VARCHAR,               -- that was compared with
    answer       VARCHAR,               -- that was judged; NULL where none was found
    annotator    VARCHAR,               -- who, for a person's
    -- What trace_row held before a person's verdict, where a record had stated it: taking back restores it.
    stated_correct BOOLEAN,
    stated_source VARCHAR,
    created_at   TIMESTAMP NOT NULL,    -- UTC
    PRIMARY KEY (trace_id, source)
);

-- Pairs that were judged, so that the same pair is judged once: key is a hash of all that was looked at.
CREATE TABLE judged_pair (
    pair_key     VARCHAR PRIMARY KEY,
    verifier_version VARCHAR NOT NULL,
    verdict      VARCHAR NOT NULL,
    reason       VARCHAR NOT NULL,
    stage        VARCHAR NOT NULL
);
