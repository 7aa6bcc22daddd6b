-- One row per line that comes after one of `line_before`. It begins on the first of these days:
--   new_treatment  a treatment begins that is neither in the regimen nor, by same_class_is_new, of a class that is
--   drop           by drop_is_new: from regimen_days on, a part of the regimen is held and a part is not
--   gap            the next course begins (the first line of all: start)
-- The regimen is what is held or begun within regimen_days from there, in the same course.
WITH bounded AS (
    SELECT
        line_before.*,
        setting.drop_is_new,
        add_days(line_before.first_day, setting.regimen_days) AS window_end
    FROM line_before
    INNER JOIN setting ON setting.pathway = line_before.pathway
),
moment AS (
    SELECT pathway, subject_id, period_no, course, regimen, window_end AS day
    FROM bounded
    WHERE drop_is_new
    UNION
    SELECT bounded.pathway, bounded.subject_id, bounded.period_no, bounded.course, bounded.regimen, era.first_day
    FROM bounded
    INNER JOIN line_era AS era
        ON era.pathway = bounded.pathway
        AND era.subject_id = bounded.subject_id
        AND era.period_no = bounded.period_no
        AND era.course = bounded.course
        AND era.first_day > bounded.window_end
    WHERE bounded.drop_is_new
    UNION
    SELECT bounded.pathway, bounded.subject_id, bounded.period_no, bounded.course, bounded.regimen, era.day_after
    FROM bounded
    INNER JOIN line_era AS era
        ON era.pathway = bounded.pathway
        AND era.subject_id = bounded.subject_id
        AND era.period_no = bounded.period_no
        AND era.course = bounded.course
        AND era.day_after > bounded.window_end
    WHERE bounded.drop_is_new
),
held AS (
    SELECT
        moment.pathway,
        moment.subject_id,
        moment.period_no,
        moment.course,
        moment.regimen,
        moment.day,
        bit_or(era.treatment_bit) AS held
    FROM moment
    INNER JOIN line_era AS era
        ON era.pathway = moment.pathway
        AND era.subject_id = moment.subject_id
        AND era.period_no = moment.period_no
        AND era.course = moment.course
        AND era.first_day <= moment.day
        AND era.day_after > moment.day
    WHERE (era.treatment_bit & moment.regimen) <> 0
    GROUP BY moment.pathway, moment.subject_id, moment.period_no, moment.course, moment.regimen, moment.day
),
candidate AS (
    SELECT bounded.pathway, bounded.subject_id, bounded.period_no, era.course, era.first_day, 1 AS place
    FROM bounded
    INNER JOIN line_era AS era
        ON era.pathway = bounded.pathway
        AND era.subject_id = bounded.subject_id
        AND era.period_no = bounded.period_no
        AND era.course = bounded.course
        AND era.first_day >= bounded.window_end
        AND (era.kin & bounded.regimen) = 0
    UNION ALL
    SELECT pathway, subject_id, period_no, course, day AS first_day, 2 AS place
    FROM held
    WHERE held <> regimen
    UNION ALL
    SELECT bounded.pathway, bounded.subject_id, bounded.period_no, era.course, era.first_day, 3 AS place
    FROM bounded
    INNER JOIN line_era AS era
        ON era.pathway = bounded.pathway
        AND era.subject_id = bounded.subject_id
        AND era.period_no = bounded.period_no
        AND era.course = bounded.course + 1
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY pathway, subject_id, period_no ORDER BY first_day, place) AS rank_of_day
    FROM candidate
)
SELECT
    ranked.pathway,
    ranked.subject_id,
    ranked.period_no,
    bounded.line + 1 AS line,
    ranked.course,
    ranked.first_day,
    CASE
        WHEN bounded.line = 0 THEN 'start'
        WHEN ranked.place = 1 THEN 'new_treatment'
        WHEN ranked.place = 2 THEN 'drop'
        ELSE 'gap'
    END AS opened_by,
    bit_or(era.treatment_bit) AS regimen
FROM ranked
INNER JOIN bounded
    ON bounded.pathway = ranked.pathway
    AND bounded.subject_id = ranked.subject_id
    AND bounded.period_no = ranked.period_no
INNER JOIN setting ON setting.pathway = ranked.pathway
INNER JOIN line_era AS era
    ON era.pathway = ranked.pathway
    AND era.subject_id = ranked.subject_id
    AND era.period_no = ranked.period_no
    AND era.course = ranked.course
    AND era.day_after > ranked.first_day
    AND era.first_day < add_days(ranked.first_day, setting.regimen_days)
WHERE ranked.rank_of_day = 1
GROUP BY
    ranked.pathway,
    ranked.subject_id,
    ranked.period_no,
    bounded.line,
    ranked.course,
    ranked.first_day,
    ranked.place
