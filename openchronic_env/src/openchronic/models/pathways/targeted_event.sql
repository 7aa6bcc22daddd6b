-- The events of the subjects of a bucket who have a pathway.
SELECT *
FROM released_event AS event
WHERE EXISTS (SELECT 1 FROM target WHERE target.subject_id = event.subject_id)
