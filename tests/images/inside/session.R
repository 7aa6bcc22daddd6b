# Prints, as JSON, what a session's R finds: its libraries at work, its processors, its messages.
packages <- c(
  "broom", "data.table", "DBI", "dbplyr", "epiR", "epitools", "haven", "IRkernel", "knitr", "lme4", "nanoarrow",
  "readxl", "reticulate", "rmarkdown", "RSQLite", "sf", "survival", "survminer", "testthat", "tidyverse", "writexl"
)
absent <- packages[!vapply(packages, requireNamespace, TRUE, quietly = TRUE)]

suppressPackageStartupMessages({
  library(survival)
  library(survminer)
  library(dplyr)
})
followed <- survfit(Surv(time, status) ~ sex, data = lung)
plot <- ggsurvplot(followed, data = lung)
png("/tmp/plot.png")
print(plot)
invisible(dev.off())

writeLines(c("---", "title: Essai", "---", "", "```{r}", "6 * 7", "```"), "/tmp/note.Rmd")
rmarkdown::render("/tmp/note.Rmd", quiet = TRUE)

told <- tryCatch(install.packages("flexsurv"), error = conditionMessage)
python <- reticulate::import("openchronic")
number <- reticulate::import("duckdb")$sql("SELECT 42")$fetchall()[[1]][[1]]

answers <- list(
  absent = absent,
  median = unname(summary(followed)$table[, "median"]),
  odds = round(epitools::oddsratio.wald(matrix(c(10, 20, 30, 40), 2))$measure[2, 1], 4),
  area = as.numeric(sf::st_area(sf::st_polygon(list(rbind(c(0, 0), c(2, 0), c(2, 2), c(0, 0)))))),
  mixed = class(lme4::lmer(Reaction ~ Days + (Days | Subject), lme4::sleepstudy))[1],
  plot = file.size("/tmp/plot.png"),
  html = any(grepl("42", readLines("/tmp/note.html"))),
  install = told,
  processors = c(parallel::detectCores(), data.table::getDTthreads(), getOption("mc.cores")),
  duckdb = number,
  blas = normalizePath(extSoftVersion()[["BLAS"]]),
  french = tryCatch(log(-"a"), error = conditionMessage)
)
cat(jsonlite::toJSON(answers, auto_unbox = TRUE), "\n")
