# The digest of these rows is written in tests/openchronic/selftest/test_rows.py too, for Python.
test_that("the digest of R is the one that Python makes of the same rows", {
  rows <- data.frame(
    event_type = c("visit", "death"), year = c(2021L, 2020L), count = c(NA, 11),
    day = as.Date(c("2021-12-31", NA))
  )
  expect_identical(digest_of(rows), "2467e46e547f899b2377c48f31390b741518dd22f4d4c1dd2c92165932d75821")
  expect_identical(digest_of(rows[2:1, ]), digest_of(rows))
  rows$count <- c(NA, 12)
  expect_false(digest_of(rows) == "2467e46e547f899b2377c48f31390b741518dd22f4d4c1dd2c92165932d75821")
})

test_that("R answers the question of all engines as DuckDB does in Python", {
  skip_without_release()
  rows <- reticulate::import("openchronic.selftest.rows")
  release <- reticulate::import("openchronic", convert = FALSE)$release()
  expect_identical(rows_digest(), rows$digest(rows$by_duckdb(release)))
})
