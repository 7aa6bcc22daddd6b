-- One row per event type, source and month of start: the only scan of events, which series and
-- comparisons read.
SELECT event_type, source_table, year(start_date) AS year, month(start_date) AS month, count(*) AS n
FROM {event}
WHERE start_date IS NOT NULL
GROUP BY event_type, source_table, year(start_date), month(start_date)
