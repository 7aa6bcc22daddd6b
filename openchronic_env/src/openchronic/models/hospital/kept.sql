-- One row per row that no filter removed.
SELECT * FROM judged WHERE removed_by IS NULL
