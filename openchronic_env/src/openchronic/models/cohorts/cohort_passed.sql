-- One row per period of a cohort and condition that it meets. Days of conditions are counted from
-- the index day, which is 0; both ends are included. What is unknown meets no condition.
SELECT period.subject_id, period.period_no, asked.condition_no
FROM cohort_period AS period
INNER JOIN cohort_condition AS asked ON asked.kind IN ('ages', 'sex', 'alive', 'not a twin')
INNER JOIN patient ON patient.subject_id = period.subject_id
WHERE CASE asked.kind
        WHEN 'ages' THEN
            year(period.index_date) - year(patient.birth_date)
            - CASE WHEN month(period.index_date) * 100 + day(period.index_date)
                < month(patient.birth_date) * 100 + day(patient.birth_date) THEN 1 ELSE 0 END
            BETWEEN asked.at_least AND asked.at_most
        WHEN 'sex' THEN patient.sex = asked.word
        WHEN 'alive' THEN patient.death_date IS NULL
            OR patient.death_date >= coalesce(asked.day, add_days(period.index_date, asked.last_offset))
        ELSE NOT coalesce(patient.is_twin, FALSE)
    END
UNION ALL
SELECT DISTINCT period.subject_id, period.period_no, asked.condition_no
FROM cohort_period AS period
INNER JOIN cohort_condition AS asked ON asked.kind = 'observed'
INNER JOIN observation_period AS observed
    ON observed.subject_id = period.subject_id
    AND observed.start_date <= add_days(period.index_date, asked.first_offset)
    AND observed.end_date >= add_days(period.index_date, asked.last_offset)
UNION ALL
SELECT DISTINCT period.subject_id, period.period_no, asked.condition_no
FROM cohort_period AS period
INNER JOIN cohort_condition AS asked ON asked.kind = 'lives in'
INNER JOIN residence
    ON residence.subject_id = period.subject_id
    AND (residence.start_date IS NULL OR residence.start_date <= period.index_date)
    AND (residence.end_date IS NULL OR residence.end_date >= period.index_date)
INNER JOIN cohort_department AS wanted
    ON wanted.condition_no = asked.condition_no AND wanted.department = residence.department
UNION ALL
SELECT period.subject_id, period.period_no, asked.condition_no
FROM cohort_period AS period
INNER JOIN cohort_condition AS asked ON asked.kind = 'fact'
LEFT JOIN cohort_fact AS fact
    ON fact.subject_id = period.subject_id AND fact.fact = asked.fact
    AND fact.first_day <= add_days(period.index_date, asked.last_offset)
    AND fact.last_day >= add_days(period.index_date, asked.first_offset)
GROUP BY
    period.subject_id, period.period_no, asked.condition_no, asked.at_least, asked.at_most
HAVING count(DISTINCT fact.first_day) BETWEEN asked.at_least AND asked.at_most
UNION ALL
SELECT period.subject_id, period.period_no, asked.condition_no
FROM cohort_period AS period
INNER JOIN cohort_condition AS asked ON asked.kind = 'days since'
INNER JOIN cohort_fact AS fact
    ON fact.subject_id = period.subject_id AND fact.fact = asked.fact
    AND fact.first_day <= period.index_date
GROUP BY
    period.subject_id, period.period_no, period.index_date, asked.condition_no, asked.at_least,
    asked.at_most
HAVING days_between(max(least(fact.last_day, period.index_date)), period.index_date)
    BETWEEN asked.at_least AND asked.at_most
