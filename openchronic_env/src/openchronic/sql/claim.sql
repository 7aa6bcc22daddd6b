-- One month of ER_PRS_F with the subject of each line.
SELECT
    prs.*,
    prs.EXE_SOI_DTD AS care_date,
    subject.subject_id,
    coalesce(pair.is_fictive, prs.BEN_CDI_NIR IN (SELECT code FROM fictive_nir), FALSE)
        AS is_fictive
FROM er_prs_f AS prs
LEFT JOIN pair
    ON pair.BEN_NIR_PSA = prs.BEN_NIR_PSA AND pair.BEN_RNG_GEM = prs.BEN_RNG_GEM
LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_fictive
