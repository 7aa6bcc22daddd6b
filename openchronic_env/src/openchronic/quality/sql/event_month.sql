-- Events by type, source and month of their start: the one scan that series and comparisons are made
-- of.
SELECT event_type, source_table, year(start_date) AS year, month(start_date) AS month, count(*) AS n
FROM {event}
WHERE start_date IS NOT NULL
GROUP BY event_type, source_table, year(start_date), month(start_date)
