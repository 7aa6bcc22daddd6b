-- One row per record of a stay of one year, with its line of chaining, of which a stay has one: the
-- subject and the days of the stay.
SELECT
    written.*,
    chain.{number} IS NOT NULL AS is_chained,
    chain.NIR_ANO_17,
    coalesce(chain.is_of_several, FALSE) AS is_of_several,
    chain.NIR_RET, chain.NAI_RET, chain.SEX_RET, chain.SEJ_RET, chain.FHO_RET, chain.PMS_RET, chain.DAT_RET,
    chain.COH_NAI_RET, chain.COH_SEX_RET,
    psa.subject_id AS own_subject_id,
    coalesce(psa.is_shared, FALSE) AS is_shared_number,
    coalesce(psa.is_fictive, FALSE) AS is_fictive,
    coalesce(EXE_SOI_DTD, ENT_DAT) AS entry_date,
    coalesce(EXE_SOI_DTF, SOR_DAT) AS exit_date,
    -- The day of the record where it has one, else its month.
    coalesce(EXE_SOI_DTD, ENT_DAT, {month}, EXE_SOI_DTF, SOR_DAT) AS start_date,
    coalesce(EXE_SOI_DTF, SOR_DAT, EXE_SOI_DTD, ENT_DAT, {month}) AS end_date
FROM written
LEFT JOIN chain
    ON chain.{facility} = written.{facility} AND chain.{number} = written.{number}
    AND coalesce(chain.file_year, 0) = coalesce(written.file_year, 0)
LEFT JOIN psa ON psa.BEN_NIR_PSA = chain.NIR_ANO_17
