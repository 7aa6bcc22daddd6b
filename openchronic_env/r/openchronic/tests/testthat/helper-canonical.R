# A text of each row that says every value to the last bit, as canonical.py says it in Python.

canonical_column <- function(column) {
  text <- if (is.list(column)) {
    vapply(column, function(items) {
      if (is.null(items)) NA_character_ else paste0("[", paste(canonical_column(items), collapse = ","), "]")
    }, "")
  } else if (inherits(column, "Date")) {
    format(column, "%Y-%m-%d")
  } else if (is.logical(column)) {
    ifelse(column, "true", "false")
  } else if (is.integer(column)) {
    sprintf("%d", column)
  } else if (is.double(column)) {
    bits(column)
  } else {
    stopifnot(is.character(column))
    column
  }
  # A missing number has bits too.
  text[if (is.list(column)) vapply(column, is.null, NA) else is.na(column)] <- "\u2205"
  text
}

bits <- function(numbers) {
  bytes <- matrix(as.character(writeBin(as.double(numbers), raw(), endian = "big")), nrow = 8)
  apply(bytes, 2, paste, collapse = "")
}

canonical_hash <- function(data) {
  rows <- if (nrow(data) == 0) character() else do.call(paste, c(lapply(data, canonical_column), sep = "\x1f"))
  text <- paste(c(paste(names(data), collapse = "\x1f"), sort(enc2utf8(rows), method = "radix")), collapse = "\n")
  file <- tempfile()
  on.exit(unlink(file))
  writeBin(charToRaw(text), file)
  unname(tools::sha256sum(file))
}
