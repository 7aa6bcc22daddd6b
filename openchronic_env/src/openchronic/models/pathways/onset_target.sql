-- One row per pathway and subject of a bucket who has its disease: from the onset, where it was observed, for follow_days, or
-- until the end of the observation.
SELECT
    care_pathway.pathway,
    onset.subject_id,
    1 AS period_no,
    onset.onset_date AS start_date,
    CASE
        WHEN observed.end_date < add_days(onset.onset_date, care_pathway.follow_days - 1) THEN observed.end_date
        ELSE add_days(onset.onset_date, care_pathway.follow_days - 1)
    END AS end_date,
    onset.incidence
FROM released_disease_onset AS onset
INNER JOIN care_pathway ON care_pathway.definition = onset.definition
INNER JOIN observation_period AS observed
    ON observed.subject_id = onset.subject_id
    AND onset.onset_date BETWEEN observed.start_date AND observed.end_date
