-- One row per pathway of the release and subject who has its disease, also without a treatment (an empty path).
SELECT
    one.subject_id,
    one.pathway,
    care_pathway.version,
    period.first_day AS start_date,
    period.last_day AS end_date,
    target.incidence,
    one.path,
    one.n_steps,
    one.first_treatment_days,
    one.censored
FROM pathway AS one
INNER JOIN care_pathway ON care_pathway.pathway = one.pathway
INNER JOIN pathway_period AS period
    ON period.pathway = one.pathway AND period.subject_id = one.subject_id AND period.period_no = one.period_no
INNER JOIN target
    ON target.pathway = one.pathway AND target.subject_id = one.subject_id AND target.period_no = one.period_no
