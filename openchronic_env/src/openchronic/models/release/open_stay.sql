-- Stays without an end, and the last day of which somebody was seen there.
SELECT stay_id, last_seen_date FROM stay WHERE end_date IS NULL
