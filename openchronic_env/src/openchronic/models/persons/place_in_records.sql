-- Where people live, in every way in which the records of the referential write it.
SELECT DISTINCT
    coalesce(BEN_RES_DPT, '') AS dpt,
    coalesce(BEN_RES_COM, '') AS com,
    affiliation(ORG_AFF_BEN) AS body
FROM record
