-- One row per subject of a bucket and year in which it is counted: alive on 1 January, and who had
-- care in the year (as the population of the national cartography), or was under observation.
WITH seen AS (
    SELECT subject_id, year(start_date) AS year
    FROM released_event
    WHERE event_type NOT IN ('birth', 'death', 'death_cause', 'ald', 'diagnosis')
    UNION
    SELECT subject_id, year(end_date)
    FROM released_event
    WHERE event_type = 'stay'
),
observed AS (
    SELECT observation_period.subject_id, asked_year.year
    FROM observation_period
    INNER JOIN (SELECT DISTINCT year FROM asked_year) AS asked_year
        ON asked_year.year
        BETWEEN year(observation_period.start_date) AND year(observation_period.end_date)
    INNER JOIN population_setting ON population_setting.population = 'observed'
    UNION
    SELECT seen.subject_id, seen.year
    FROM seen
    INNER JOIN population_setting ON population_setting.population = 'consumers'
)
SELECT observed.subject_id, observed.year
FROM observed
INNER JOIN patient ON patient.subject_id = observed.subject_id
WHERE coalesce(patient.death_date >= date_of(CAST(observed.year AS STRING), '1', '1'), TRUE)
    AND coalesce(patient.birth_date <= date_of(CAST(observed.year AS STRING), '1', '1'), TRUE)
