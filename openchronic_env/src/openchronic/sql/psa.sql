-- One row per BEN_NIR_PSA: the PMSI knows no rank, so a number shared by twins names nobody there.
SELECT
    pair.BEN_NIR_PSA,
    count(DISTINCT pair.natural_id) > 1 AS is_shared,
    bool_and(pair.is_fictive) AS is_fictive,
    CASE WHEN count(DISTINCT pair.natural_id) = 1 THEN min(subject.subject_id) END AS subject_id
FROM pair
LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_fictive
GROUP BY pair.BEN_NIR_PSA
