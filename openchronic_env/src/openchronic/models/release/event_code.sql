-- One row per code of the events of one bucket, with its number of events.
SELECT vocabulary, code, count(*) AS n_events FROM event WHERE code IS NOT NULL GROUP BY vocabulary, code
