-- One row per ALD period, as `ald` has it.
SELECT * FROM ald
