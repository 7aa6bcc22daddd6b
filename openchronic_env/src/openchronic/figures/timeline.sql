-- One row per event of one subject, with what it is called: stays and long-term illnesses have a last day, other facts one day.
-- `atc`: the class of a drug, by the code of its pack or of its unit.
SELECT
    event.subject_id,
    event.start_date,
    event.end_date,
    event.order_in_day,
    event.event_type,
    event.care_setting,
    event.vocabulary,
    event.code,
    code.label,
    CASE WHEN code.parent_vocabulary = 'ATC' THEN code.parent_code END AS atc,
    event.code_role,
    event.quantity,
    event.stay_id,
    event.event_id
FROM event
LEFT JOIN code ON code.vocabulary = event.vocabulary AND code.code = event.code
WHERE event.subject_id = $subject
ORDER BY event.start_date, event.order_in_day, event.event_id
