-- One row per event type and year of start: the events in this release and in the previous one. A
-- year is complete when the claims of the previous release continued for more than six months after
-- it. The events of a table that made none in the previous release are no gain; births and deaths
-- move between tables.
WITH now_year AS (
    SELECT event_type, year, sum(n) AS n
    FROM event_month
    WHERE
        event_type IN ('birth', 'death')
        OR event_type || ' ' || source_table IN (
            SELECT event_type || ' ' || source_table FROM previous_event_month
        )
    GROUP BY event_type, year
),
before_year AS (
    SELECT event_type, year, sum(n) AS n FROM previous_event_month GROUP BY event_type, year
)
SELECT
    before_year.event_type,
    CAST(before_year.year AS VARCHAR) AS year,
    coalesce(now_year.n, 0) AS n,
    before_year.n AS n_before,
    coalesce(
        before_year.year * 12 + 18
        < (SELECT year(last_day) * 12 + month(last_day) FROM previous_care),
        FALSE
    ) AS is_settled
FROM before_year
LEFT JOIN now_year
    ON now_year.event_type = before_year.event_type AND now_year.year = before_year.year
