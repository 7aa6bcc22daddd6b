-- How stays of one year were valued (T_MCOaaVALO): 0 not at all, 1 by the tariff, others by special
-- rules (Documentation-SNDS, depenses_hopital_public). A stay that is valued twice is one.
SELECT ETA_NUM, RSA_NUM, coalesce(file_year, 0) AS file_year, max(VALO) AS VALO
FROM t_mcoaavalo
GROUP BY ETA_NUM, RSA_NUM, coalesce(file_year, 0)
