# The question of `python -m openchronic.selftest rows`, asked through this package: the digest must be that of Python.

rows_digest <- function(release = NULL) {
  question <- text_of(module("openchronic.selftest.rows")$SQL)
  digest_of(oc_query(question, release))
}

# The text is that of digest() in Python, made here by R alone: a line a row, sorted by their bytes.
digest_of <- function(data) {
  lines <- do.call(paste, c(unname(lapply(data, told)), sep = "\x1f"))
  file <- tempfile()
  on.exit(unlink(file))
  writeBin(charToRaw(paste(sort(lines, method = "radix"), collapse = "\n")), file)
  unname(tools::sha256sum(file))
}

told <- function(column) {
  text <- if (inherits(column, "Date")) {
    format(column, "%Y-%m-%d")
  } else if (is.character(column)) {
    enc2utf8(column)
  } else {
    sprintf("%.0f", column)
  }
  ifelse(is.na(column), "-", paste0("=", text))
}
