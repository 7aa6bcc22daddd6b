-- One row per code of the release and disease that a `rule` gives it: a rule names the beginning of
-- an ICD-10 code, or of the ATC class of a pack.
SELECT DISTINCT
    rule.disease, rule.kind, rule.place, rule.years, code.vocabulary, code.code,
    rule.is_large_enough AND coalesce(code.is_large_pack, FALSE) AS is_large
FROM code
INNER JOIN rule
    ON rule.prefix = substr(
        CASE WHEN rule.place = 'drug' THEN code.parent_code ELSE code.code END,
        1, length(rule.prefix)
    )
    AND (rule.place = 'drug') = (code.vocabulary IN ('CIP13', 'CIP7'))
LEFT JOIN no_rule
    ON no_rule.disease = rule.disease AND rule.place = 'drug'
    AND no_rule.prefix = substr(code.parent_code, 1, length(no_rule.prefix))
WHERE no_rule.prefix IS NULL AND (rule.place = 'drug' OR code.vocabulary = 'CIM10')
