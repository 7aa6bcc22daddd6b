SELECT discharge_year AS file_year, facility AS ETA_NUM, record AS RSA_NUM, icd10 AS ASS_DGN FROM associated
