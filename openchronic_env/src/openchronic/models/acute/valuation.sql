-- One row per stay of one year: how it was valued (T_MCOaaVALO), where 0 means not at all, 1 by the
-- tariff, and other codes by special rules (Documentation-SNDS, depenses_hopital_public). A stay
-- that is valued twice has one row.
SELECT ETA_NUM, RSA_NUM, coalesce(file_year, 0) AS file_year, max(VALO) AS VALO
FROM t_mcoaavalo
GROUP BY ETA_NUM, RSA_NUM, coalesce(file_year, 0)
