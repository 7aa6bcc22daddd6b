-- One row per subject of a bucket, form of a definition and year that has a state.
SELECT * FROM disease_state_0
UNION ALL
SELECT * FROM disease_state_1
UNION ALL
SELECT * FROM disease_state_2
