-- Exposures, each longer by the nights in hospital that fall inside it.
SELECT
    one.pathway,
    one.subject_id,
    one.treatment,
    one.start_date,
    add_days(
        one.end_date,
        CAST(
            coalesce(
                sum(
                    days_between(
                        CASE WHEN stretch.first_day < one.start_date THEN one.start_date ELSE stretch.first_day END,
                        CASE
                            WHEN stretch.day_after > add_days(one.end_date, 1) THEN add_days(one.end_date, 1)
                            ELSE stretch.day_after
                        END
                    )
                ),
                0
            ) AS INTEGER
        )
    ) AS end_date
FROM dispensed_exposure AS one
LEFT JOIN hospital_stretch AS stretch
    ON stretch.subject_id = one.subject_id
    AND stretch.first_day <= one.end_date
    AND stretch.day_after > one.start_date
GROUP BY one.pathway, one.subject_id, one.treatment, one.start_date, one.end_date
