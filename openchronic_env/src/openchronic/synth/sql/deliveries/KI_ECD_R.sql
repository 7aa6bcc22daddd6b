SELECT
    upper(md5(concat(getvariable('seed'), ':certificate:', person))) AS DCD_IDT_ENC,
    idt_ano AS BEN_IDT_ANO,
    year(certified) AS FLX_PER_ANN,
    line AS CER_LIG_NUM,
    1 AS ECD_CAU_RNG,
    CASE line WHEN 1 THEN cause ELSE 'I469' END AS ECD_CIM_COD,
    certified AS BEN_DCD_DTE
FROM certificate CROSS JOIN (VALUES (1), (2)) AS l(line)
WHERE line = 1 OR slice(random, 2) % 2 = 0
