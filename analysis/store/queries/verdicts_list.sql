-- Traces that the verifier has judged, with the place of its verdict among the others.
-- kind: 'undecided' (no verdict counts yet), 'disagreement' (stated against computed), 'settled' (a
-- person has decided), 'stated only' (undecided by the verifier, but the record says), 'agreed'.
WITH judged AS (
    SELECT t.trace_id, t.dataset, t.model, t.effort, t.external_id, t.sample_index,
           t.question_preview, t.correct, t.correct_source, v.verdict AS computed, v.reason, v.stage,
           v.verifier || '@' || v.verifier_version AS verifier, v.gold_answer, v.answer,
           p.verdict AS person, p.annotator, p.created_at AS settled_at,
           CASE WHEN p.trace_id IS NOT NULL THEN p.stated_correct
                WHEN starts_with(t.correct_source, 'verifier:' || v.verifier || '@') THEN NULL
                ELSE t.correct END AS stated,
           row_number() OVER (ORDER BY {{order}}) AS place
    FROM trace t
    JOIN verdict v ON v.trace_id = t.trace_id AND v.source = 'verifier'
    LEFT JOIN verdict p ON p.trace_id = t.trace_id AND p.source = 'person'
    WHERE {{where}}
),
kinds AS (
    SELECT *, CASE
        WHEN person IS NOT NULL THEN 'settled'
        WHEN stated IS NOT NULL AND computed <> 'undecided' AND stated <> (computed = 'correct')
        THEN 'disagreement'
        WHEN computed = 'undecided' AND stated IS NULL THEN 'undecided'
        WHEN computed = 'undecided' THEN 'stated only'
        ELSE 'agreed' END AS kind
    FROM judged
)
{{select}}
