skip_without_release()

run_r <- function(...) {
  file <- tempfile(fileext = ".R")
  writeLines(c(...), file)
  suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), file, stdout = TRUE, stderr = TRUE))
}

test_that("R ends without a word, whatever is still open", {
  said <- run_r(
    "library(openchronic)",
    "con <- oc_connect(); lazy <- oc_table('event'); rows <- oc_query('SELECT * FROM patient')",
    "open <- DBI::dbSendQuery(con, 'SELECT * FROM event'); piece <- DBI::dbFetch(open, n = 10)",
    "version <- oc_release(); d <- oc_describe('event')",
    "cat(nrow(piece), '\\n')"
  )
  expect_identical(trimws(said), "10")
})

test_that("an error ends a script in French, with a status", {
  said <- run_r("library(openchronic)", "oc_query('SELECT * FROM evnt')")
  expect_identical(attr(said, "status"), 1L)
  text <- plain_spaces(paste(said, collapse = "\n"))
  expect_match(text, "La table « evnt » n’existe pas")
  expect_no_match(text, "Traceback|nanobind|py_last_error")
})

test_that("loading the package starts no Python", {
  expect_identical(run_r("library(openchronic)", "cat(reticulate::py_available())"), "FALSE")
})
