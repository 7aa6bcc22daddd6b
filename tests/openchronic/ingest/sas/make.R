# The SAS datasets beside this script: the people, claims and drugs of tests/openchronic/ingest/test_sas.py.
# Rscript make.R (R 4.2, haven 2.5.1). SAS itself has refused files of haven (tidyverse/haven, issue 224):
# what they stand for is the layout that readers of sas7bdat share, not the one that SAS writes to the byte.
library(haven)

instant <- function(day) as.POSIXct(day, tz = "UTC")

people <- data.frame(
  # Names in small letters, as some exports write them.
  ben_nir_psa = strrep("A", 17), ben_rng_gem = 1, ben_idt_ano = paste0(strrep("A", 17), "1"),
  ben_idt_top = 0, ben_cdi_nir = "00", ben_nai_ann = 1950, ben_nai_moi = 5, ben_sex_cod = 2,
  ben_dcd_dte = instant("1600-01-01"), org_aff_ben = "01C350001", ben_res_dpt = "035",
  ben_res_com = "238", max_trt_dtd = as.Date("2021-06-01"), ben_dte_maj = as.Date("2021-06-01")
)
write_sas(people, "IR_BEN_R.sas7bdat")

claims <- data.frame(
  FLX_DIS_DTD = instant("2021-04-01"), FLX_TRT_DTD = instant("2021-04-01"), FLX_EMT_TYP = 1,
  FLX_EMT_NUM = 1, FLX_EMT_ORD = 0, ORG_CLE_NUM = "01C350001", DCT_ORD_NUM = 1:4, PRS_ORD_NUM = 1,
  REM_TYP_AFF = 0, BEN_NIR_PSA = strrep("A", 17), BEN_RNG_GEM = 1,
  EXE_SOI_DTD = instant(c("2021-03-10", "2021-03-11", "2021-03-12 14:30:00", "2021-03-13")),
  PRE_PRE_DTD = as.Date(c("2021-03-09", NA, NA, "2021-02-28")),
  PRS_NAT_REF = 3303, PRS_ACT_QTE = c(1, 1, -1, 2), PRS_PAI_MNT = c(10.5, 10.5, -10.5, 0.07),
  BSE_REM_BSE = 10.5, BSE_REM_MNT = 6.82, DPN_QLF = 0, PRS_DPN_QLP = 0, CPL_MAJ_TOP = 0,
  CPL_AFF_COD = 0, PFS_EXE_NUM = "35200001", PFS_PRE_NUM = c("35100001", "35100001", "", "35100001"),
  # Missing: the plain dot of SAS, and its special ones.
  PSP_SPE_COD = c(1, NA, tagged_na("A"), tagged_na("Z"))
)
write_sas(claims, "ER_PRS_F_2021.sas7bdat")

drugs <- data.frame(
  PHA_CIP_C13 = c(3400930000001, 3400930000002), PHA_ATC_CLA = c("A10BA02", "C09AA05"),
  PHA_MED_NOM = c("METFORMINE GÉLULE", "RAMIPRIL COMPRIMÉ")
)
write_sas(drugs, "IR_PHA_R.sas7bdat")
