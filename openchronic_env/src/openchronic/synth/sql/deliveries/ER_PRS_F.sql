SELECT
    file_year,
    {claim},
    l.psa AS BEN_NIR_PSA,
    p.gem AS BEN_RNG_GEM,
    p.nir_kind AS BEN_CDI_NIR,
    year(p.born) AS BEN_NAI_ANN,
    p.sex AS BEN_SEX_COD,
    CASE WHEN l.age_unknown THEN 9999
        WHEN date_sub('year', p.born, l.done) < 2 THEN 1000 + date_sub('month', p.born, l.done)
        ELSE date_sub('year', p.born, l.done) END AS BEN_AMA_COD,
    p.written AS BEN_RES_DPT,
    lived(p.commune, p.commune_before, p.moved, l.done) AS BEN_RES_COM,
    CASE WHEN p.died IS NULL OR p.death_unknown OR p.died > l.available THEN DATE '1600-01-01'
        ELSE p.died END AS BEN_DCD_DTE,
    (p.status % 13 = 0)::INTEGER AS BEN_CMU_TOP,
    CASE WHEN p.status % 13 = 0 THEN 89 ELSE 0 END AS BEN_CTA_TYP,
    p.scheme AS RGM_GRG_COD,
    p.scheme * 100 + 1 AS RGM_COD,
    p.body AS ORG_AFF_BEN,
    CASE WHEN l.undated THEN DATE '1600-01-01' ELSE l.done END AS EXE_SOI_DTD,
    CASE WHEN l.undated THEN DATE '1600-01-01' ELSE l.done END AS EXE_SOI_DTF,
    CASE WHEN l.undated THEN '160001' ELSE strftime(l.done, '%Y%m') END AS EXE_SOI_AMD,
    CASE WHEN l.prescription_undated OR l.undated OR l.specialty > 0 THEN DATE '1600-01-01'
        ELSE l.done - below(l.flow, 3, 20) END AS PRE_PRE_DTD,
    CASE l.part WHEN 3 THEN 1933 ELSE l.nature END AS PRS_NAT_REF,
    CASE WHEN l.part < 3 THEN l.nature ELSE 0 END AS BSE_PRS_NAT,
    CASE l.part WHEN 3 THEN 1933 WHEN 4 THEN CASE WHEN l.specialty IN (1, 22) THEN 1125 ELSE 1126 END
        WHEN 5 THEN 1952 ELSE 0 END AS CPL_PRS_NAT,
    CASE l.part WHEN 3 THEN 2 WHEN 4 THEN 1 WHEN 5 THEN 1 ELSE 0 END AS CPL_MAJ_TOP,
    CASE l.part WHEN 3 THEN 1 WHEN 4 THEN 18 WHEN 5 THEN 16 ELSE 0 END AS CPL_AFF_COD,
    l.quantity AS PRS_ACT_QTE,
    CASE WHEN l.part < 4 THEN l.quantity ELSE 0 END AS PRS_ACT_NBR,
    abs(l.quantity) AS PRS_ACT_COG,
    1 AS PRS_ACT_CFT,
    CASE WHEN l.part < 3 THEN l.price * l.quantity WHEN l.part = 5 THEN 0 ELSE l.price END
        AS PRS_PAI_MNT,
    CASE WHEN l.part < 3 THEN l.price * l.quantity ELSE 0 END AS BSE_REM_BSE,
    CASE WHEN l.part < 3 THEN round(l.price * l.quantity * l.rate * 0.01, 2)::DECIMAL(9, 2)
        ELSE 0 END AS BSE_REM_MNT,
    CASE l.part WHEN 5 THEN -1.00 WHEN 3 THEN round(l.price * l.rate * 0.01, 2)::DECIMAL(9, 2)
        WHEN 4 THEN round(l.price * l.rate * 0.01, 2)::DECIMAL(9, 2) ELSE 0 END AS CPL_REM_MNT,
    l.rate AS RGO_REM_TAU,
    10 AS RGO_ASU_NAT,
    l.reason AS EXO_MTF,
    CASE WHEN l.for_information THEN 71 WHEN l.qualified THEN 72 ELSE 0 END AS DPN_QLF,
    CASE WHEN l.for_information THEN 71 ELSE 0 END AS PRS_DPN_QLP,
    l.specialty AS PSE_SPE_COD,
    l.profession AS PSE_ACT_NAT,
    l.practice AS PSE_STJ_COD,
    CASE WHEN l.for_information OR l.public OR l.unsigned AND l.specialty > 0 THEN '00000000'
        WHEN l.profession = 50 THEN p.pharmacy
        WHEN l.specialty IN (1, 22) AND slice(l.random, 3) < 52000 THEN p.doctor
        ELSE concat(p.pmsi, l.profession % 10, lpad((slice(l.random, 3) % 900)::VARCHAR, 3, '0'),
            lpad(l.specialty::VARCHAR, 2, '0')) END AS PFS_EXE_NUM,
    CASE WHEN l.specialty > 0 THEN 0 ELSE 1 END AS PSP_SPE_COD,
    0 AS PSP_ACT_NAT,
    CASE WHEN l.specialty > 0 OR l.unsigned THEN NULL ELSE p.doctor END AS PFS_PRE_NUM,
    CASE WHEN p.has_doctor THEN p.doctor END AS PRS_MTT_NUM,
    CASE WHEN l.for_information OR l.public OR l.detail = 'UCD' THEN 1 ELSE 2 END AS PRS_PPU_SEC,
    CASE WHEN l.nature = 1211 THEN 2 ELSE 1 END AS EXE_LIE_COD
FROM flux_line AS l JOIN person AS p USING (person)
