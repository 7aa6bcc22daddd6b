-- One month of ER_PRS_F with the subject of each line.
SELECT
    prs.*,
    prs.EXE_SOI_DTD AS care_date,
    subject.subject_id,
    coalesce(
        coalesce(pair.nir_kind, lpad(prs.BEN_CDI_NIR, 2, '0')) IN (SELECT code FROM fictive_nir),
        FALSE
    )
    -- The scheme that stands for fictive numbers (IR_RGM_V).
    OR coalesce(prs.RGM_GRG_COD = 1 AND prs.RGM_COD = 888, FALSE) AS is_fictive
FROM er_prs_f AS prs
LEFT JOIN pair
    ON pair.BEN_NIR_PSA = prs.BEN_NIR_PSA AND pair.BEN_RNG_GEM = prs.BEN_RNG_GEM
LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_fictive
