-- One row per part of a fact that is looked for and exact code of the release: a list names
-- beginnings of codes, or of the ATC class that is the parent of a pack; those that are taken out
-- again are none.
WITH named AS (
    SELECT vocabulary, code, vocabulary AS said_in, code AS said
    FROM code
    UNION ALL
    SELECT vocabulary, code, 'ATC', parent_code
    FROM code
    WHERE parent_vocabulary = 'ATC'
),
meant AS (
    SELECT
        prefix.part, named.vocabulary, named.code,
        max(CASE WHEN prefix.is_out THEN 1 ELSE 0 END) AS is_out
    FROM named
    INNER JOIN cohort_prefix AS prefix
        ON prefix.prefix = substr(named.said, 1, length(prefix.prefix))
        AND (prefix.vocabulary = named.said_in OR prefix.is_out)
    GROUP BY prefix.part, named.vocabulary, named.code
)
SELECT part, vocabulary, code FROM meant WHERE is_out = 0
