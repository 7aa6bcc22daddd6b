SELECT
    upper(md5(concat(getvariable('seed'), ':certificate:', person))) AS DCD_IDT_ENC,
    1 AS DCD_IDT_TOP,
    idt_ano AS BEN_IDT_ANO,
    (nir_ano IS NOT NULL)::INTEGER AS BEN_IDT_TOP,
    nir_ano AS BEN_NIR_ANO,
    year(certified) AS FLX_PER_ANN,
    certified AS BEN_DCD_DTE,
    strftime(certified, '%Y%m') AS BEN_DCD_AME,
    cause AS DCD_CIM_COD,
    CASE WHEN died_in_hospital THEN 2 ELSE 1 END AS DCD_LIE_COD,
    department AS DCD_DPT_COD,
    department AS BEN_RES_DPT,
    year(born) AS BEN_NAI_ANN,
    sex AS BEN_SEX_COD
FROM certificate
