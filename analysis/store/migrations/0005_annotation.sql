-- What a person says of findings, spans and traces: a log. Rows are added; the only change that one
-- ever sees is that it is withdrawn (with who and when). Results of analyzers never touch it.
-- A finding is named by what survives a rerun: analyzer, label, span, and a hash of the text there.

ALTER TABLE annotation ADD COLUMN sequence BIGINT DEFAULT 0;      -- order of writing
ALTER TABLE annotation ADD COLUMN batch_id VARCHAR;               -- what one undo takes back
ALTER TABLE annotation ADD COLUMN target_analyzer VARCHAR;        -- the finding that is meant, as it was
ALTER TABLE annotation ADD COLUMN target_version VARCHAR;
ALTER TABLE annotation ADD COLUMN target_start BIGINT;
ALTER TABLE annotation ADD COLUMN target_end BIGINT;
ALTER TABLE annotation ADD COLUMN target_score DOUBLE;
ALTER TABLE annotation ADD COLUMN text_hash VARCHAR;              -- of reasoning[char_start:char_end]
ALTER TABLE annotation ADD COLUMN source VARCHAR DEFAULT 'app';   -- 'app', 'library', 'import:FILE'
ALTER TABLE annotation ADD COLUMN withdrawn_at TIMESTAMP;         -- NULL: it counts
ALTER TABLE annotation ADD COLUMN withdrawn_by VARCHAR;           -- id of the undo
CREATE SEQUENCE annotation_sequence;
