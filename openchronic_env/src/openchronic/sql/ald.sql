-- Exemptions for a long-term illness, one row per delivered record, judged by the filters.
-- 1600-01-01 (NULL here) and 2099 mean that the ALD is open (Documentation-SNDS,
-- beneficiaires_ald).
SELECT
    imb.*,
    subject.subject_id,
    coalesce(pair.is_fictive, FALSE) AS is_fictive,
    imb.IMB_ALD_DTD AS start_date,
    CASE WHEN imb.IMB_ALD_DTF < DATE '2099-01-01' THEN imb.IMB_ALD_DTF END AS end_date,
    icd10(imb.MED_MTF_COD) AS diagnosis
FROM ir_imb_r AS imb
LEFT JOIN pair
    ON pair.BEN_NIR_PSA = imb.BEN_NIR_PSA AND pair.BEN_RNG_GEM = imb.BEN_RNG_GEM
LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_fictive
