-- One row per death certificate that was matched to a subject.
SELECT
    subject.subject_id,
    min(coalesce(cci.BEN_DCD_DTE, last_day_of(cci.BEN_DCD_AME))) AS death_date,
    min_by(
        CASE WHEN cci.BEN_DCD_DTE IS NULL THEN 'month' ELSE 'day' END,
        CAST(coalesce(cci.BEN_DCD_DTE, last_day_of(cci.BEN_DCD_AME)) AS STRING)
        || CASE WHEN cci.BEN_DCD_DTE IS NULL THEN 'month' ELSE 'day' END
    ) FILTER (WHERE coalesce(cci.BEN_DCD_DTE, last_day_of(cci.BEN_DCD_AME)) IS NOT NULL)
        AS death_precision,
    min(cci.BEN_NAI_ANN) FILTER (WHERE cci.BEN_NAI_ANN BETWEEN 1850 AND 2199) AS birth_year
FROM ki_cci_r AS cci
INNER JOIN subject ON subject.natural_id = coalesce(
    usable_number(cci.BEN_IDT_ANO), usable_number(cci.BEN_NIR_ANO)
)
GROUP BY subject.subject_id
