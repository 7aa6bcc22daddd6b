-- One row per practice of the usual doctors of all persons: a doctor has patients in many blocks.
CREATE OR REPLACE TABLE practice AS
WITH here AS (
    SELECT usual_doctor(p.pmsi, r.home) AS practice, min(p.department) AS department
    FROM (SELECT bits('home', root) AS home FROM rooted(0, getvariable('patients'))) AS r
    JOIN place AS p ON slice(r.home, 0) >= p.low AND slice(r.home, 0) < p.high
    GROUP BY practice
)
SELECT h.*, y.year FROM here AS h CROSS JOIN year AS y;
