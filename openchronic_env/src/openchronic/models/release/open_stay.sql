-- One row per stay without an end, with the last day on which its subject was recorded there.
SELECT stay_id, last_seen_date FROM stay WHERE end_date IS NULL
