-- One row per number that several persons share and span of days: the person of a hospital record
-- of those days. It is the person in care then, where there is only one (`is_certain`); else the
-- likeliest, who is used only where the filter on shared numbers is switched off. Nobody is in care
-- before birth, more than 30 days after death, more than 548 days before the referential knew the
-- number or after the last claim (see observation_period.sql). Birth and sex do not help: a number
-- is made of them (fiche_beneficiaire), so that matching on them separates almost nobody (Health
-- Data Hub, forum 1985).
WITH seen AS (
    SELECT
        pair.BEN_NIR_PSA,
        pair.natural_id,
        subject.subject_id,
        pair.n_own_numbers,
        ben.MAX_TRT_DTD,
        CASE WHEN ben.BEN_NAI_ANN BETWEEN 1850 AND 2199 THEN date_of(ben.BEN_NAI_ANN, 1, 1) END
            AS born,
        coalesce(ben.BEN_DCD_DTE, last_day_of(ben.BEN_DCD_AME)) AS died,
        ben.BEN_DTE_INS
    FROM ir_ben_r AS ben
    INNER JOIN pair
        ON pair.BEN_NIR_PSA = ben.BEN_NIR_PSA
        AND coalesce(pair.BEN_RNG_GEM, -1) = coalesce(ben.BEN_RNG_GEM, -1)
    INNER JOIN psa ON psa.BEN_NIR_PSA = pair.BEN_NIR_PSA
    LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_left_out
    WHERE psa.is_shared AND pair.natural_id IS NOT NULL
),
candidate AS (
    SELECT
        BEN_NIR_PSA,
        natural_id,
        min(subject_id) AS subject_id,
        max(n_own_numbers) AS n_own_numbers,
        max(MAX_TRT_DTD) AS last_seen,
        greatest(
            DATE '1850-01-01', coalesce(min(born), DATE '1850-01-01'),
            coalesce(add_days(min(BEN_DTE_INS), -548), DATE '1850-01-01')
        ) AS from_day,
        least(
            DATE '2199-12-31', coalesce(add_days(min(died), 30), DATE '2199-12-31'),
            coalesce(add_days(max(MAX_TRT_DTD), 548), DATE '2199-12-31')
        ) AS until_day
    FROM seen
    GROUP BY BEN_NIR_PSA, natural_id
),
edge AS (
    SELECT BEN_NIR_PSA, DATE '1850-01-01' AS day FROM candidate
    UNION
    SELECT BEN_NIR_PSA, from_day FROM candidate
    UNION
    SELECT BEN_NIR_PSA, add_days(until_day, 1) FROM candidate
),
span AS (
    SELECT
        BEN_NIR_PSA,
        day AS first_day,
        coalesce(
            add_days(lead(day) OVER (PARTITION BY BEN_NIR_PSA ORDER BY day), -1), DATE '2299-12-31'
        ) AS last_day
    FROM edge
),
placed AS (
    SELECT
        span.first_day,
        span.last_day,
        candidate.*,
        candidate.from_day <= span.first_day AND candidate.until_day >= span.first_day AS is_in_care
    FROM span
    INNER JOIN candidate ON candidate.BEN_NIR_PSA = span.BEN_NIR_PSA
),
ordered AS (
    SELECT
        *,
        sum(CASE WHEN is_in_care THEN 1 ELSE 0 END)
            OVER (PARTITION BY BEN_NIR_PSA, first_day) AS n_in_care,
        max(n_own_numbers) OVER (PARTITION BY BEN_NIR_PSA, first_day) AS most_own_numbers,
        row_number() OVER (
            PARTITION BY BEN_NIR_PSA, first_day
            ORDER BY is_in_care DESC, last_seen DESC NULLS LAST, n_own_numbers DESC, natural_id
        ) AS place
    FROM placed
)
SELECT
    BEN_NIR_PSA,
    first_day,
    last_day,
    subject_id,
    -- Two lifelong numbers under one pair are two persons who cannot be distinguished.
    n_in_care = 1 AND most_own_numbers < 2 AS is_certain
FROM ordered
WHERE place = 1
