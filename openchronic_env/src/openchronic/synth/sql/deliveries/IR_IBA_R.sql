SELECT
    idt_ano AS BEN_IDT_ANO,
    (nir_ano IS NOT NULL)::INTEGER AS BEN_IDT_TOP,
    CASE WHEN from_age < 20 THEN pseudonym('parent', person) ELSE nir_ano END AS ASS_NIR_ANO,
    nir_kind AS BEN_CDI_NIR,
    year(born) AS BEN_NAI_ANN,
    lpad(month(born)::VARCHAR, 2, '0') AS BEN_NAI_MOI,
    sex AS BEN_SEX_COD,
    CASE WHEN died IS NULL OR death_unknown THEN DATE '1600-01-01' ELSE died END AS BEN_DCD_DTE,
    CASE WHEN died IS NULL OR death_unknown THEN '160001' ELSE strftime(died, '%Y%m') END
        AS BEN_DCD_AME,
    simple_department AS BEN_RES_DPT,
    simple_commune AS BEN_RES_COM,
    1 AS BEN_TOP_CNS
FROM person
