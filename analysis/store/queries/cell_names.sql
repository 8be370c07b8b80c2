-- One row a cell: what it is recognised and named by; no sums, so that nothing of a trace is read
-- beside the columns of its cell.
WITH said AS (
    SELECT t.dataset, t.model AS stated_model, {{effort}} AS stated_effort,
           t.thinking_budget_tokens AS budget
    FROM trace t
    WHERE {{where}}
    GROUP BY ALL
)
SELECT s.dataset, coalesce(c.model, s.stated_model) AS model,
       coalesce(c.effort, s.stated_effort) AS effort,
       count(DISTINCT coalesce(c.budget_tokens, s.budget)) AS n_budgets,
       max(coalesce(c.budget_tokens, s.budget)) AS budget, max(c.position) AS position,
       bool_or(c.model IS NOT NULL) AS model_edited, bool_or(c.effort IS NOT NULL) AS effort_edited,
       list(DISTINCT struct_pack(model := s.stated_model, effort := s.stated_effort)
            ORDER BY struct_pack(model := s.stated_model, effort := s.stated_effort)) AS stated
FROM said s
LEFT JOIN cell_name c ON c.dataset = s.dataset
     AND c.stated_model IS NOT DISTINCT FROM s.stated_model
     AND c.stated_effort IS NOT DISTINCT FROM s.stated_effort
GROUP BY ALL
