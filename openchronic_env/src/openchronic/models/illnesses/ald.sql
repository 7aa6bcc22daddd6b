-- One row per delivered exemption record for a long-term illness, judged by the filters. 1600-01-01
-- (NULL here) and 2099 mean that the ALD is open (Documentation-SNDS, beneficiaires_ald). A code is
-- a diagnosis only where its vocabulary is ICD-10 or missing.
SELECT
    imb.*,
    subject.subject_id,
    coalesce(pair.is_fictive, FALSE) AS is_fictive,
    imb.IMB_ALD_DTD AS start_date,
    CASE WHEN imb.IMB_ALD_DTF < DATE '2099-01-01' THEN imb.IMB_ALD_DTF END AS end_date,
    CASE WHEN coalesce(trim(imb.MED_NCL_IDT), 'CIM10') = 'CIM10' THEN icd10(imb.MED_MTF_COD) END
        AS diagnosis
FROM ir_imb_r AS imb
LEFT JOIN known_pair AS pair
    ON pair.BEN_NIR_PSA = imb.BEN_NIR_PSA
    AND pair.BEN_RNG_GEM = coalesce(imb.BEN_RNG_GEM, -1)
LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_left_out
