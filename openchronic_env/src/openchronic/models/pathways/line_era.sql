-- One row per era that lasts long enough, with its course: eras without more than line_gap_days between them in which no
-- treatment is held. `kin`: the treatments that make it no new one where the regimen has any of them, itself included.
WITH reached AS (
    SELECT
        era.pathway,
        era.subject_id,
        era.period_no,
        era.treatment_bit,
        era.first_day,
        era.day_after,
        CASE WHEN setting.same_class_is_new THEN era.treatment_bit ELSE treatment_class.class_bits END AS kin,
        setting.line_gap_days,
        max(era.day_after) OVER (
            PARTITION BY era.pathway, era.subject_id, era.period_no
            ORDER BY era.first_day, era.treatment_bit
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_to
    FROM pathway_era AS era
    INNER JOIN setting ON setting.pathway = era.pathway
    INNER JOIN treatment_class
        ON treatment_class.pathway = era.pathway AND treatment_class.treatment_bit = era.treatment_bit
    WHERE days_between(era.first_day, era.day_after) >= setting.min_era_days
)
SELECT
    pathway,
    subject_id,
    period_no,
    treatment_bit,
    kin,
    first_day,
    day_after,
    CAST(
        sum(CASE WHEN days_between(covered_to, first_day) <= line_gap_days THEN 0 ELSE 1 END) OVER (
            PARTITION BY pathway, subject_id, period_no
            ORDER BY first_day, treatment_bit
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT
    ) AS course
FROM reached
