-- One row per code of all events, with its number of events.
SELECT vocabulary, code, CAST(sum(n_events) AS BIGINT) AS n_events FROM used GROUP BY vocabulary, code
