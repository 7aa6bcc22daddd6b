-- One row per form of a definition, criterion, part and exact code of the release: a list names
-- beginnings of codes, or of the ATC class that is the parent of a pack. What is `among` a wider
-- list is so without the codes of the criterion itself.
WITH named AS (
    SELECT
        vocabulary, code, vocabulary AS said_in, code AS said,
        coalesce(is_large_pack, FALSE) AS is_large
    FROM code
    UNION ALL
    SELECT vocabulary, code, 'ATC', parent_code, coalesce(is_large_pack, FALSE)
    FROM code
    WHERE parent_vocabulary = 'ATC'
),
listed AS (
    SELECT DISTINCT
        prefix.definition, prefix.criterion_bit, prefix.part, named.vocabulary, named.code,
        named.is_large
    FROM named
    INNER JOIN disease_prefix AS prefix
        ON prefix.vocabulary = named.said_in AND prefix.stem = substr(named.said, 1, 3)
        AND prefix.prefix = substr(named.said, 1, length(prefix.prefix))
    LEFT JOIN disease_not AS taken_out
        ON taken_out.definition = prefix.definition
        AND taken_out.criterion_bit = prefix.criterion_bit AND taken_out.part = prefix.part
        AND taken_out.prefix = substr(named.said, 1, length(taken_out.prefix))
    WHERE taken_out.prefix IS NULL
)
SELECT listed.*
FROM listed
LEFT JOIN listed AS own
    ON own.definition = listed.definition AND own.criterion_bit = listed.criterion_bit
    AND own.vocabulary = listed.vocabulary AND own.code = listed.code AND own.part = 'is'
    AND listed.part = 'among'
WHERE own.code IS NULL
