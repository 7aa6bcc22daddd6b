-- One row per code of a treatment, with the days that one pack counts as. The SNDS has neither days of supply nor doses: a
-- large pack (three months) counts as days_large, any other as days (SCALPEL-Extraction, thresholds of small and large packs).
SELECT
    meant.pathway,
    meant.treatment,
    meant.vocabulary,
    meant.code,
    CASE WHEN meant.is_large THEN treatment.days_large ELSE treatment.days END AS days
FROM treatment_code AS meant
INNER JOIN treatment ON treatment.pathway = meant.pathway AND treatment.treatment = meant.treatment
WHERE treatment.method = 'pack'
