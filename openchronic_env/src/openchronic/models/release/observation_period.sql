-- One row per subject and period in which care can be observed, within the days that the claims
-- cover. A subject without care for more than 548 days was not under observation in between: the
-- period ends with the last care, and the next one begins with the next care (the persistence
-- window of OHDSI, "Observation period considerations for EHR data"; ehrObsPeriods). A period is
-- extended to the first day of the data, birth, death or the last day where that is within 548
-- days.
WITH covered AS (
    SELECT min(first_care) AS first_day, max(last_care) AS last_day FROM care_window
),
-- The first whole year of each scheme in the SNDS, by the beginning of its bodies' numbers: general
-- scheme and student or civil-service mutuals 01; MSA, RSI, CNMSS; CRPCEN, CAVIMAC; SNCF, RATP, ENIM,
-- CANSSM (Documentation-SNDS, historique_donnees).
entry AS (
    SELECT scheme, CAST(first_day AS DATE) AS first_day
    FROM (
        VALUES
        ('01', '2006-01-01'), ('02', '2009-01-01'), ('03', '2009-01-01'), ('08', '2009-01-01'),
        ('10', '2010-01-01'), ('90', '2010-01-01'), ('04', '2012-01-01'), ('05', '2012-01-01'),
        ('06', '2012-01-01'), ('07', '2012-01-01')
    ) AS written (scheme, first_day)
),
bounded AS (
    SELECT
        patient.subject_id,
        CASE WHEN patient.birth_date > covered.first_day THEN patient.birth_date
            ELSE covered.first_day END
            AS first_possible,
        CASE WHEN patient.birth_date > covered.first_day THEN 'birth' ELSE 'start_of_data' END
            AS first_reason,
        CASE WHEN patient.death_date < covered.last_day THEN patient.death_date
            ELSE covered.last_day END AS close_date,
        CASE WHEN patient.death_date < covered.last_day THEN 'death' ELSE 'end_of_data' END
            AS close_reason,
        entry.first_day AS scheme_entry
    FROM patient
    INNER JOIN person ON person.subject_id = patient.subject_id
    CROSS JOIN covered
    LEFT JOIN entry ON entry.scheme = person.first_scheme
    WHERE
        covered.first_day IS NOT NULL
        AND (patient.death_date IS NULL OR patient.death_date >= covered.first_day)
        AND (patient.birth_date IS NULL OR patient.birth_date <= covered.last_day)
        AND (
            patient.death_date IS NULL OR patient.birth_date IS NULL
            OR patient.birth_date <= patient.death_date
        )
),
seen AS (
    SELECT
        bounded.subject_id,
        greatest(care_run.first_day, bounded.first_possible) AS first_seen,
        least(care_run.last_day, bounded.close_date) AS last_seen,
        row_number() OVER (PARTITION BY bounded.subject_id ORDER BY care_run.first_day) AS place,
        count(*) OVER (PARTITION BY bounded.subject_id) AS n_runs,
        min(care_run.first_day) OVER (PARTITION BY bounded.subject_id) AS first_ever
    FROM bounded
    INNER JOIN care_run ON care_run.subject_id = bounded.subject_id
    WHERE
        care_run.last_day >= bounded.first_possible AND care_run.first_day <= bounded.close_date
),
-- The entry of a scheme opens the observation of its members unless care shows that it was open
-- before.
opened AS (
    SELECT
        bounded.subject_id,
        seen.first_seen,
        seen.last_seen,
        seen.place,
        seen.n_runs,
        bounded.close_date,
        bounded.close_reason,
        bounded.scheme_entry > bounded.first_possible
            AND (seen.first_ever IS NULL OR seen.first_ever >= bounded.scheme_entry) AS by_scheme,
        bounded.first_possible,
        bounded.first_reason,
        bounded.scheme_entry
    FROM bounded
    LEFT JOIN seen ON seen.subject_id = bounded.subject_id
),
placed AS (
    SELECT
        *,
        CASE WHEN by_scheme THEN scheme_entry ELSE first_possible END AS open_date,
        CASE WHEN by_scheme THEN 'scheme' ELSE first_reason END AS open_reason
    FROM opened
),
judged AS (
    SELECT
        *,
        place IS NULL OR (place = 1 AND days_between(open_date, first_seen) <= 548) AS from_open,
        place IS NULL OR (place = n_runs AND days_between(last_seen, close_date) <= 548)
            AS to_close
    FROM placed
    WHERE
        open_date <= close_date
        AND (place IS NOT NULL OR days_between(open_date, close_date) <= 548)
)
SELECT
    subject_id,
    CASE WHEN from_open THEN open_date ELSE first_seen END AS start_date,
    CASE WHEN to_close THEN close_date ELSE last_seen END AS end_date,
    CASE WHEN from_open THEN open_reason WHEN place = 1 THEN 'first_care' ELSE 'return' END
        AS start_reason,
    CASE WHEN to_close THEN close_reason ELSE 'loss' END AS end_reason
FROM judged
