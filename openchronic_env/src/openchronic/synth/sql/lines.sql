-- One row per line of reimbursement: one per act, and those that the administration adds. part 0
-- the act; 1 its cancellation; 2 the act billed again; 3 surcharge; 4 complement; 5 co-payment.
CREATE OR REPLACE TABLE line AS
WITH covered AS (
    SELECT person, min(onset) AS onset, min(exemption) AS exemption FROM condition GROUP BY person
),
flagged AS (
    SELECT a.*, p.psa, p.first_psa, p.switched, p.postal AS home, p.kind = 'fictive' AS of_nobody,
        CASE WHEN chance(random, 1, 150) THEN '75013' ELSE left(p.postal, 3) || '10' END AS place,
        -- What a law plants is bought in the end, on a known day, once: else its truth would be another.
        chance(random, 0, 20) AS cancelled,
        chance(random, 0, 5) OR a.by_law AS billed_again,
        a.specialty > 0 AND chance(random, 1, 35) AS for_information,
        -- Acts that a public hospital bills one by one (FIDES): the PMSI holds them too.
        a.specialty > 0 AND chance(random, 1, 55) AND NOT chance(random, 1, 35) AS public,
        a.nature IN (1351, 1352) AND NOT chance(random, 1, 55) AND chance(random, 3, 200)
            -- Acts during a stay in a clinic, of any kind.
            OR NOT (a.specialty > 0 AND chance(random, 1, 55)) AND slice(flow, 0) % 151 = 7 AND NOT a.by_law
            AS clinic,
        -- Lines sent for information through another channel.
        slice(flow, 0) % 61 = 11 AND NOT (a.specialty > 0 AND chance(random, 1, 35)) AND NOT a.by_law AS qualified,
        a.specialty > 0 AND chance(random, 1, 980) AND NOT chance(random, 1, 940) AS surcharged,
        a.specialty > 0 AND chance(random, 1, 940) AND NOT chance(random, 1, 880) AS complemented,
        a.specialty > 0 AND chance(random, 1, 880) AND NOT chance(random, 1, 700) AS paid_in_part,
        chance(flow, 0, 1) AND NOT a.by_law AS undated,
        chance(flow, 0, 5) AND NOT chance(flow, 0, 1) AS prescription_undated,
        CASE WHEN chance(flow, 1, 750) THEN 1 WHEN chance(flow, 1, 900) THEN 2
            WHEN chance(flow, 1, 960) THEN 3 WHEN chance(flow, 1, 985) THEN 4
            WHEN chance(flow, 1, 990) THEN 6 ELSE 7 + below(flow, 2, 4) END AS lag,
        CASE WHEN a.exemption >= 0 AND a.done >= coalesce(c.onset, a.done) THEN a.exemption
            WHEN c.onset <= a.done THEN c.exemption + CASE WHEN chance(random, 2, 550)
                THEN 1 ELSE 0 END
            ELSE 0 END AS reason
    FROM act AS a JOIN person AS p USING (person) LEFT JOIN covered AS c USING (person)
),
parted AS (
    SELECT *, unnest(
        CASE WHEN cancelled AND billed_again THEN [0, 1, 2] WHEN cancelled THEN [0, 1] ELSE [0] END
        || CASE WHEN surcharged THEN [3] WHEN complemented THEN [4]
            WHEN paid_in_part THEN [5] ELSE [] END) AS part
    FROM flagged
)
SELECT person, statement, part, done, nature, specialty, profession, practice, cip13, detail, code,
    random, flow, public, clinic,
    nature IN (1351, 1352) AND part < 3 AND slice(random, 0) % 20 = 0 AS padded,
    reason, for_information, qualified, undated, prescription_undated, lag,
    (date_trunc('month', done) + to_months((lag + (part IN (1, 2))::INTEGER)::INTEGER))::DATE
        AS available,
    -- The delivery of a year repeats some lines of the previous December.
    month(available) = 12 AND slice(flow, 2) % 50 = 0
        AND year(available) < year(getvariable('ending')) AS repeated,
    slice(flow, 2) % 997 = 3 AS age_unknown,
    -- The cancelling line names neither the executor nor the prescriber of the act.
    part = 1 AND NOT for_information AND NOT public AND slice(random, 2) % 3 = 1 AS unsigned,
    -- A pack was opened, and units dispensed; not every extraction holds their number.
    cip13 IS NOT NULL AND part < 3 AND slice(random, 1) % 53 = 7 AS by_unit,
    cip13 IS NOT NULL AND part < 3 AND slice(random, 1) % 53 = 7 AND slice(random, 2) % 2 = 1
        AS units_untold,
    -- Two packs of one claim, numbered by their count.
    part = 0 AND NOT by_law AND NOT cancelled AND NOT undated AND NOT of_nobody AND slice(random, 1) % 71 = 9
        AND slice(random, 1) % 53 <> 7 AND psa IS NOT NULL AND coalesce(packs, 1) > 1 AS paired,
    CASE part WHEN 1 THEN -1 WHEN 4 THEN 0 ELSE 1 END
        * CASE WHEN cip13 IS NOT NULL AND chance(flow, 3, 60) THEN 2
            WHEN profession IN (24, 26) AND chance(flow, 3, 150) THEN 2 ELSE 1 END AS quantity,
    CASE part WHEN 3 THEN 42.50 WHEN 4 THEN 5.00 WHEN 5 THEN -1.00 ELSE price END::DECIMAL(9, 2)
        AS price,
    -- A ride goes from home to a hospital of the département, or to Paris, and back.
    CASE WHEN is_ride(nature) THEN CASE WHEN random % 2 = 0 THEN home ELSE place END END
        AS leaves_from,
    CASE WHEN is_ride(nature) THEN CASE WHEN random % 2 = 0 THEN place ELSE home END END
        AS arrives_at,
    CASE WHEN reason IN (42, 44, 46) THEN 100 ELSE rate END AS rate,
    CASE WHEN switched IS NOT NULL AND done < switched THEN first_psa ELSE psa END AS psa
FROM parted LEFT JOIN (SELECT cip13, packs FROM pack) AS k USING (cip13);

-- Adds the key that a claim shares with its details, and the residence of the patient.
CREATE OR REPLACE VIEW flux_line AS
SELECT l.*, p.pmsi, p.hospital,
    l.available AS FLX_DIS_DTD,
    (l.available - INTERVAL 1 MONTH)::DATE + below(l.flow, 2, 27) AS FLX_TRT_DTD,
    1 AS FLX_EMT_TYP,
    1 AS FLX_EMT_NUM,
    1 + l.person // 100000 AS FLX_EMT_ORD,
    fund(p.scheme, p.department) AS ORG_CLE_NUM,
    l.person % 100000 * 10000 + l.statement AS DCT_ORD_NUM,
    l.part + 1 AS PRS_ORD_NUM,
    0 AS REM_TYP_AFF
FROM (
    SELECT *, year(available) AS file_year FROM line
    UNION ALL SELECT *, year(available) + 1 FROM line WHERE repeated
) AS l JOIN person AS p USING (person);
