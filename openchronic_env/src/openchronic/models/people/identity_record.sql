-- One row per record that gives an identity: the records of the referential and, for their pairs,
-- the table of passage of a project extraction. A passage without rank holds for all ranks of its
-- number.
-- Source: Health Data Hub, forum 1133 (PATIENTS_ETUDE_ENQ_IDT).
SELECT
    BEN_NIR_PSA, BEN_RNG_GEM, BEN_NIR_ANO, BEN_IDT_ANO, BEN_IDT_TOP, BEN_CDI_NIR, MAX_TRT_DTD,
    BEN_DTE_MAJ
FROM ir_ben_r
UNION ALL
SELECT DISTINCT
    known.BEN_NIR_PSA, known.BEN_RNG_GEM, passage.BEN_NIR_ANO, passage.BEN_IDT_ANO,
    passage.BEN_IDT_TOP, CAST(NULL AS STRING), CAST(NULL AS DATE), CAST(NULL AS DATE)
FROM passage
INNER JOIN ir_ben_r AS known
    ON known.BEN_NIR_PSA = passage.BEN_NIR_PSA
    AND coalesce(known.BEN_RNG_GEM = passage.BEN_RNG_GEM, TRUE)
