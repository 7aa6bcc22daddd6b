-- One row per spelling of a residence in the records of the referential.
SELECT DISTINCT
    coalesce(BEN_RES_DPT, '') AS dpt,
    coalesce(BEN_RES_COM, '') AS com,
    affiliation(ORG_AFF_BEN) AS body
FROM record
