-- One row per person: the keyed hash of the identity, and its two candidate numbers below 2^53.
-- Where several persons have equal first 53 bits, the smallest full hash keeps them and each other
-- person takes the next 53 bits of its own hash (from the next byte on: bits 57 to 109); where
-- those are taken too, the build is refused.
WITH person AS (
    SELECT DISTINCT natural_id FROM pair WHERE NOT is_left_out AND natural_id IS NOT NULL
),
hashed AS (
    SELECT natural_id, digest((SELECT site_key FROM secret) || '|subject|' || natural_id) AS full_hash
    FROM person
),
placed AS (
    SELECT
        natural_id,
        full_hash,
        digest_bits(full_hash, 1) AS first_bits,
        digest_bits(full_hash, 15) AS next_bits,
        row_number() OVER (PARTITION BY digest_bits(full_hash, 1) ORDER BY full_hash) AS place
    FROM hashed
)
SELECT
    natural_id,
    CASE WHEN place = 1 THEN first_bits ELSE next_bits END AS subject_id
FROM placed
