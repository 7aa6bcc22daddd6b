-- Outpatient visits to public rehabilitation hospitals of one year: T_SSRaaCSTC has the patient and
-- the checks. AP-HP, HCL and AP-HM send theirs once (Documentation-SNDS, filtres recommandés).
SELECT
    c.*,
    psa.subject_id,
    coalesce(psa.is_shared, FALSE) AS is_shared,
    coalesce(psa.is_fictive, FALSE) AS is_fictive,
    coalesce(c.EXE_SOI_DTD, c.ENT_DAT) AS start_date,
    coalesce(c.EXE_SOI_DTF, c.SOR_DAT, c.EXE_SOI_DTD, c.ENT_DAT) AS end_date
FROM t_ssraacstc AS c
LEFT JOIN psa ON psa.BEN_NIR_PSA = c.NIR_ANO_17
