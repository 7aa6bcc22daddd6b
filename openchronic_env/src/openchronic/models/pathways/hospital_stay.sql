-- One row per stay with nights in hospital: acute care, rehabilitation and psychiatry. The city's supply is not used then.
-- Sessions and care by day or by night are no stay.
SELECT subject_id, start_date AS first_day, end_date AS day_after
FROM stay
WHERE
    care_setting IN ('mco', 'ssr', 'psy')
    AND NOT coalesce(is_session, FALSE)
    AND (care_form IS NULL OR care_form = '1' OR care_form LIKE '0%')
    AND end_date > start_date
