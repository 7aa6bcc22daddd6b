# The release that tests read: OPENCHRONIC_RELEASES names its folder.

skip_without_release <- function() {
  if (!nzchar(Sys.getenv("OPENCHRONIC_RELEASES"))) {
    skip("OPENCHRONIC_RELEASES names no release")
  }
}

plain_spaces <- function(text) gsub("[\u00a0\u202f]", " ", text)

# Expects an error in French words, of this package's class, without a trace of Python's.
expect_french <- function(code, words) {
  caught <- tryCatch(
    {
      force(code)
      NULL
    },
    error = identity
  )
  expect_s3_class(caught, "error")
  while (!is.null(caught$parent)) caught <- caught$parent
  expect_s3_class(caught, "oc_error")
  text <- plain_spaces(conditionMessage(caught))
  for (word in words) expect_match(text, word, fixed = TRUE)
  expect_no_match(text, "Traceback|py_last_error|reticulate")
}
