-- One row per line of the simplified product: one base act, with its complements and co-payments
-- included.
CREATE OR REPLACE VIEW simple_line AS
WITH added AS (
    SELECT person, statement,
        sum(round(price * rate * 0.01, 2)::DECIMAL(9, 2)) FILTER (part IN (3, 4)) AS complements,
        sum(price) FILTER (part = 5) AS co_payment
    FROM line WHERE part >= 3 GROUP BY person, statement
)
SELECT l.*, p.idt_ano, p.nir_ano, p.nir_kind, p.born, p.department, p.doctor, p.has_doctor,
    coalesce(CASE WHEN l.part = 0 THEN a.complements END, 0)::DECIMAL(9, 2) AS complements,
    coalesce(CASE WHEN l.part = 0 THEN a.co_payment END, 0)::DECIMAL(9, 2) AS co_payment,
    (l.person * 10000 + l.statement) * 10 + l.part AS CLE_DCI_JNT,
    p.idt_ano AS BEN_IDT_ANO,
    p.simple_department AS BEN_RES_DPT,
    lived(p.simple_commune, p.simple_commune_before, p.moved, l.done) AS BEN_RES_COM,
    CASE WHEN l.undated THEN DATE '1600-01-01' ELSE l.done END AS EXE_SOI_DTD,
    CASE WHEN l.undated THEN DATE '1600-01-01' ELSE l.done END AS EXE_SOI_DTF,
    l.nature AS PRS_NAT_REF,
    l.rate AS RGO_REM_TAU,
    CASE WHEN l.for_information OR l.public OR l.unsigned AND l.specialty > 0 THEN '00000000'
        WHEN l.profession = 50 THEN p.pharmacy
        WHEN l.specialty IN (1, 22) AND slice(l.random, 3) < 52000 THEN p.doctor
        ELSE concat(p.pmsi, l.profession % 10, lpad((slice(l.random, 3) % 900)::VARCHAR, 3, '0'),
            lpad(l.specialty::VARCHAR, 2, '0')) END AS PFS_EXE_NUM,
    CASE WHEN l.specialty > 0 OR l.unsigned THEN NULL ELSE p.doctor END AS PFS_PRE_NUM,
    CASE WHEN l.for_information OR l.public OR l.clinic OR l.detail = 'UCD'
        THEN left(home_facility(p.pmsi, l.person, l.clinic), 8) END AS ETB_EXE_FIN
FROM flux_line AS l JOIN person AS p USING (person)
LEFT JOIN added AS a ON a.person = l.person AND a.statement = l.statement
WHERE l.part < 3;
