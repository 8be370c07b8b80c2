-- One row a sample, with what the votes need.
SELECT dataset, model, effort, question_key, correct, tokens, score, gold_answer AS gold,
       coalesce(extracted_answer,
                CASE WHEN gold_answer IS NOT NULL THEN f.final_answer END) AS answer
FROM sample LEFT JOIN (SELECT trace_id, text AS final_answer FROM metric WHERE name = 'final_answer') f
     USING (trace_id)
ORDER BY dataset, model, effort, question_key, sample_index, trace_id
