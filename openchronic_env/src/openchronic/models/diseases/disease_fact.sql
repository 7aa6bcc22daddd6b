-- One row per event of a bucket and criterion that it concerns. `part`: the fact itself (is), the
-- other diagnosis that must or must not be with it (other), a fact of the wider list that spoils
-- the year (among). A fact is of the year of its start, a stay and its diagnoses of the year of the
-- discharge. What is not known matches nothing. A service (PRS_NAT) is a claim line, whether it is
-- an event or not: lines of a day are summed, so that cancelled ones are none.
SELECT
    meant.definition, meant.criterion_bit, meant.part, meant.is_large, event.subject_id,
    event.start_date, event.end_date,
    coalesce(event.known_date, DATE '9999-12-31') AS known_date,
    year(
        CASE WHEN rule.find IN ('diagnosis', 'session', 'stay') THEN event.end_date
            ELSE event.start_date END
    ) AS fact_year,
    event.stay_id,
    CASE WHEN rule.same = 'episode' THEN event.episode_id ELSE event.stay_id END AS pair_id,
    event.quantity
FROM released_event AS event
INNER JOIN disease_code AS meant
    ON meant.vocabulary = event.vocabulary AND meant.code = event.code
INNER JOIN disease_rule AS rule
    ON rule.definition = meant.definition AND rule.criterion_bit = meant.criterion_bit
    AND rule.find = event.event_type
LEFT JOIN disease_role AS role
    ON role.definition = meant.definition AND role.criterion_bit = meant.criterion_bit
    AND role.part = meant.part AND role.care_setting = event.care_setting
    AND role.code_role = event.code_role
LEFT JOIN patient ON patient.subject_id = event.subject_id
WHERE event.start_date IS NOT NULL
    AND (rule.find <> 'diagnosis' OR role.code_role IS NOT NULL)
    AND (meant.part <> 'is' OR rule.sex IS NULL OR rule.sex = patient.sex)
    AND (
        meant.part <> 'is' OR rule.min_age IS NULL
        OR year(event.start_date) - year(patient.birth_date)
        - CASE WHEN month(event.start_date) * 100 + day(event.start_date)
            < month(patient.birth_date) * 100 + day(patient.birth_date) THEN 1 ELSE 0 END
        BETWEEN rule.min_age AND rule.max_age
    )
UNION ALL
SELECT
    prefix.definition, prefix.criterion_bit, prefix.part, FALSE, cost.subject_id, cost.start_date,
    cost.start_date, min(coalesce(cost.known_date, DATE '9999-12-31')), year(cost.start_date),
    CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(sum(cost.quantity) AS DOUBLE)
FROM released_cost AS cost
INNER JOIN disease_prefix AS prefix
    ON prefix.vocabulary = 'PRS_NAT' AND prefix.prefix = cost.service_code
INNER JOIN disease_rule AS rule
    ON rule.definition = prefix.definition AND rule.criterion_bit = prefix.criterion_bit
    AND rule.find = 'service'
LEFT JOIN patient ON patient.subject_id = cost.subject_id
WHERE cost.start_date IS NOT NULL
    AND (rule.sex IS NULL OR rule.sex = patient.sex)
    AND (
        rule.min_age IS NULL
        OR year(cost.start_date) - year(patient.birth_date)
        - CASE WHEN month(cost.start_date) * 100 + day(cost.start_date)
            < month(patient.birth_date) * 100 + day(patient.birth_date) THEN 1 ELSE 0 END
        BETWEEN rule.min_age AND rule.max_age
    )
GROUP BY
    prefix.definition, prefix.criterion_bit, prefix.part, cost.subject_id, cost.start_date
HAVING sum(cost.quantity) > 0
