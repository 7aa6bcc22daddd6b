-- One row per person of IR_IBA_R, who has no pair, under the names of IR_BEN_R. The identifier
-- stands for the pseudonym: where an extraction numbers persons (NUM_ENQ), it is also the number of
-- their stays and exemptions. Each person has an identifier of their own, twins included: every
-- rank is 1.
-- Source: schema-snds fe17ef83, schemas/BENEFICIAIRE/IR_IBA_R.json.
SELECT
    BEN_IDT_ANO AS BEN_NIR_PSA,
    1 AS BEN_RNG_GEM,
    BEN_IDT_ANO,
    BEN_IDT_TOP,
    ASS_NIR_ANO,
    BEN_CDI_NIR,
    BEN_NAI_ANN,
    BEN_NAI_MOI,
    BEN_SEX_COD,
    BEN_DCD_DTE,
    BEN_DCD_AME,
    ORG_AFF_BEN,
    BEN_RES_DPT,
    BEN_RES_COM,
    BEN_TOP_CNS,
    MAX_TRT_DTD,
    BEN_DTE_INS,
    BEN_DTE_MAJ,
    file_year
FROM ir_iba_r
