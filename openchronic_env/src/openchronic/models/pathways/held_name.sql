-- The name of each set of treatments that a step has, of each treatment alone, and of none of them.
WITH held AS (
    SELECT pathway, held FROM pathway_step
    UNION
    SELECT pathway, treatment_bit AS held FROM treatment
)
SELECT held.pathway, held.held, {name} AS name
FROM held
INNER JOIN treatment ON treatment.pathway = held.pathway AND (treatment.treatment_bit & held.held) <> 0
GROUP BY held.pathway, held.held
UNION ALL
SELECT pathway, CAST(0 AS BIGINT) AS held, '' AS name
FROM care_pathway
