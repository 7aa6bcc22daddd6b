-- One row per treatment and code that is one: codes that begin as the treatment says, or whose ATC class does, without those
-- that begin as it takes out.
WITH named AS (
    SELECT vocabulary, code, vocabulary AS said_in, code AS said, coalesce(is_large_pack, FALSE) AS is_large
    FROM code
    UNION ALL
    SELECT vocabulary, code, 'ATC', parent_code, coalesce(is_large_pack, FALSE)
    FROM code
    WHERE parent_vocabulary = 'ATC'
),
meant AS (
    SELECT
        prefix.pathway,
        prefix.treatment,
        named.vocabulary,
        named.code,
        bool_or(named.is_large) AS is_large,
        bool_or(prefix.is_out) AS is_out
    FROM named
    INNER JOIN treatment_prefix AS prefix
        ON prefix.vocabulary = named.said_in AND prefix.prefix = substr(named.said, 1, length(prefix.prefix))
    GROUP BY prefix.pathway, prefix.treatment, named.vocabulary, named.code
)
SELECT pathway, treatment, vocabulary, code, is_large
FROM meant
WHERE NOT is_out
