SELECT
    delivered AS BEN_NIR_PSA,
    gem AS BEN_RNG_GEM,
    nir_ano AS BEN_NIR_ANO,
    idt_ano AS BEN_IDT_ANO,
    (nir_ano IS NOT NULL)::INTEGER AS BEN_IDT_TOP,
    CASE WHEN from_age < 20 THEN pseudonym('parent', person) ELSE nir_ano END AS ASS_NIR_ANO,
    nir_kind AS BEN_CDI_NIR,
    CASE WHEN unsaid THEN 1600 ELSE year(born) END AS BEN_NAI_ANN,
    CASE WHEN unsaid THEN '01' ELSE lpad(month(born)::VARCHAR, 2, '0') END AS BEN_NAI_MOI,
    CASE WHEN unsaid THEN 0 ELSE sex END AS BEN_SEX_COD,
    CASE WHEN died IS NULL OR death_unknown THEN DATE '1600-01-01' ELSE died END AS BEN_DCD_DTE,
    CASE WHEN died IS NULL OR death_unknown THEN '160001' ELSE strftime(died, '%Y%m') END
        AS BEN_DCD_AME,
    body AS ORG_AFF_BEN,
    written AS BEN_RES_DPT,
    commune AS BEN_RES_COM,
    1 AS BEN_TOP_CNS,
    least(coalesce(died, until), until)::DATE AS MAX_TRT_DTD,
    greatest(born + 20, coalesce(since, DATE '2006-01-01'))::DATE AS BEN_DTE_INS,
    until AS BEN_DTE_MAJ
FROM pseudonym_row WHERE {rows}
