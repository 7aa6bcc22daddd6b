SELECT
    delivered AS BEN_NIR_PSA,
    gem AS BEN_RNG_GEM,
    nir_ano AS BEN_NIR_ANO,
    idt_ano AS BEN_IDT_ANO,
    (coalesce(since, greatest(born, DATE '2006-01-01')))::DATE AS MTT_DEP_DTE,
    CASE WHEN until < getvariable('ending') THEN until ELSE DATE '1600-01-01' END AS MTT_FIN_DTE,
    doctor AS MTT_PFS_NUM
FROM pseudonym_row WHERE has_doctor
