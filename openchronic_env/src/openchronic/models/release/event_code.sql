-- The codes of the events of one bucket.
SELECT vocabulary, code, count(*) AS n_events FROM event WHERE code IS NOT NULL GROUP BY vocabulary, code
