-- One row per code of a treatment, with the days that a pack lasts: units, by the strength of each, over the daily dose.
SELECT
    meant.pathway,
    meant.treatment,
    meant.vocabulary,
    meant.code,
    CAST(ceil(CAST(dose.units AS DOUBLE) * dose.strength / dose.daily_dose) AS BIGINT) AS days
FROM treatment_code AS meant
INNER JOIN treatment ON treatment.pathway = meant.pathway AND treatment.treatment = meant.treatment
INNER JOIN pack_dose AS dose ON dose.code = meant.code
WHERE treatment.method = 'dose'
