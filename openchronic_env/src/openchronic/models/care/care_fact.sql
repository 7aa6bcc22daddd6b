-- One row per fact that begins in a period and has a node: the first one, by its place, whose conditions it meets. A drug
-- is also meant by its ATC class. What has no node is no care of this reading, such as a diagnosis of a stay.
WITH seen AS (
    SELECT
        event.subject_id,
        period.period_no,
        event.start_date,
        coalesce(event.end_date, event.start_date) AS end_date,
        event.order_in_day,
        event.event_id,
        event.event_type,
        coalesce(event.care_setting, '') AS care_setting,
        coalesce(event.provider_specialty, '') AS provider_specialty,
        coalesce(event.vocabulary, '') AS vocabulary,
        coalesce(event.code, '') AS code,
        coalesce(event.flags, '') AS flags
    FROM event
    INNER JOIN care_period AS period
        ON period.subject_id = event.subject_id
        AND event.start_date BETWEEN period.start_date AND period.end_date
),
-- Facts are many, and their kinds few.
kind AS (
    SELECT DISTINCT event_type, care_setting, provider_specialty, vocabulary, code, flags
    FROM seen
),
matched AS (
    SELECT
        kind.event_type,
        kind.care_setting,
        kind.provider_specialty,
        kind.vocabulary,
        kind.code,
        kind.flags,
        min(node.place) AS place
    FROM kind
    LEFT JOIN code ON code.vocabulary = kind.vocabulary AND code.code = kind.code
    INNER JOIN care_node AS node
        ON node.event_type = kind.event_type
        AND (node.care_setting = '' OR node.care_setting = kind.care_setting)
        AND (node.provider_specialty = '' OR node.provider_specialty = kind.provider_specialty)
        AND (node.flag = '' OR ',' || kind.flags || ',' LIKE '%,' || node.flag || ',%')
        AND (
            node.vocabulary = ''
            OR (node.vocabulary = kind.vocabulary AND node.prefix = substr(kind.code, 1, length(node.prefix)))
            OR (
                node.vocabulary = code.parent_vocabulary
                AND node.prefix = substr(code.parent_code, 1, length(node.prefix))
            )
        )
    GROUP BY
        kind.event_type, kind.care_setting, kind.provider_specialty, kind.vocabulary, kind.code, kind.flags
)
SELECT
    seen.subject_id,
    seen.period_no,
    node.node,
    seen.start_date,
    seen.end_date,
    seen.order_in_day,
    seen.event_id
FROM seen
INNER JOIN matched
    ON matched.event_type = seen.event_type
    AND matched.care_setting = seen.care_setting
    AND matched.provider_specialty = seen.provider_specialty
    AND matched.vocabulary = seen.vocabulary
    AND matched.code = seen.code
    AND matched.flags = seen.flags
INNER JOIN care_node AS node ON node.place = matched.place
