-- One row per spelling of a residence (département, commune, affiliation body), with its codes of
-- the INSEE. Every code that the rules do not cover is unknown, never guessed.
-- Source: Documentation-SNDS, localisation_geographique_beneficiaires; sections_locales_mutualistes
-- (what an affiliation body is made of); IR_DPT_V and IR_GEO_V.
WITH spelled AS (
    SELECT
        dpt,
        com,
        body,
        CASE WHEN length(trim(dpt)) <= 3 THEN lpad(upper(trim(dpt)), 3, '0') END AS department_code,
        CASE WHEN length(trim(com)) <= 3 THEN lpad(trim(com), 3, '0') END AS commune_code,
        -- The fund of the general scheme: 351 is of département 35, 201 and 202 are Corsican, 97x
        -- overseas. The funds of other schemes serve several départements, or the whole country.
        CASE
            WHEN substr(body, 1, 2) <> '01' THEN NULL
            WHEN substr(body, 4, 3) IN ('201', '202') OR substr(body, 4, 2) = '97'
                THEN substr(body, 4, 3)
            ELSE '0' || substr(body, 4, 2)
        END AS fund_code
    FROM written_place
),
known AS (
    SELECT
        spelled.*,
        department_code.department AS written_department,
        fund.department AS fund_department,
        -- Student section 617 keeps the first two figures only: 035 is written 003.
        spelled.department_code BETWEEN '001' AND '009' AND substr(spelled.body, 3, 1) = 'M'
            AND substr(spelled.body, 7, 3) = '617' AS is_cut
    FROM spelled
    LEFT JOIN department_code ON department_code.code = spelled.department_code
    LEFT JOIN department_code AS fund ON fund.code = spelled.fund_code
),
-- A missing or truncated département is replaced by that of the fund; its commune is then unknown.
placed AS (
    SELECT
        *,
        CASE WHEN is_cut OR written_department IS NULL THEN fund_department
            ELSE written_department END AS department,
        is_cut OR written_department IS NULL AS is_from_fund
    FROM known
),
-- 097 holds all overseas départements: their number is the first figure of the commune. Where the
-- département is written whole, RSI repeats that figure and others may not.
candidate AS (
    SELECT
        *,
        CASE
            WHEN is_from_fund THEN NULL
            WHEN department = '20' OR department IS NULL THEN NULL
            WHEN department LIKE '97_' AND substr(commune_code, 1, 1) IN ('0', substr(department, 3, 1))
                THEN department || substr(commune_code, 2, 2)
            WHEN department LIKE '97_' THEN NULL
            ELSE department || commune_code
        END AS insee,
        CASE WHEN department = '20' AND NOT is_from_fund THEN '2A' || commune_code END AS south,
        CASE WHEN department = '20' AND NOT is_from_fund THEN '2B' || commune_code END AS north
    FROM placed
),
found AS (
    SELECT
        candidate.*,
        coalesce(
            own.insee,
            -- The two départements of Corsica number their communes in one series.
            CASE WHEN north.insee IS NULL THEN south.insee END,
            CASE WHEN south.insee IS NULL THEN north.insee END
        ) AS commune
    FROM candidate
    LEFT JOIN commune AS own ON own.insee = candidate.insee
    LEFT JOIN commune AS south ON south.insee = candidate.south
    LEFT JOIN commune AS north ON north.insee = candidate.north
)
SELECT
    dpt,
    com,
    body,
    CASE
        WHEN commune LIKE '97%' THEN substr(commune, 1, 3)
        WHEN department = '20' AND commune IS NOT NULL THEN substr(commune, 1, 2)
        WHEN department = '20' AND fund_department IN ('2A', '2B') THEN fund_department
        WHEN department = '97' AND fund_department LIKE '97_' THEN fund_department
        ELSE department
    END AS department,
    commune
FROM found
