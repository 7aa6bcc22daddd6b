SELECT
    CASE WHEN p.switched IS NOT NULL AND e.inserted < p.switched THEN p.first_psa ELSE p.psa END
        AS BEN_NIR_PSA,
    p.gem AS BEN_RNG_GEM,
    e.began AS IMB_ALD_DTD,
    e.ended AS IMB_ALD_DTF,
    e.number AS IMB_ALD_NUM,
    e.exemption AS IMB_ETM_NAT,
    e.inserted AS INS_DTE,
    e.icd10 AS MED_MTF_COD,
    CASE WHEN e.icd10 IS NULL THEN NULL ELSE 'CIM10' END AS MED_NCL_IDT,
    e.inserted + 2 AS UPD_DTE
FROM exemption AS e JOIN person AS p USING (person)
