skip_without_release()

python_side <- function() reticulate::import_from_path("canonical", path = test_path(), convert = TRUE)

test_that("every table of a release has the values that Python reads, to the last bit", {
  release <- oc_release()
  for (table in release$tables) {
    ours <- dplyr::collect(oc_table(table, release))
    counted <- summary(release)
    expect_identical(nrow(ours), as.integer(counted$lignes[counted$table == table]), info = table)
    expect_identical(
      canonical_hash(ours), python_side()$release_hash(table, attr(release, "python")),
      info = table
    )
  }
})

test_that("the hash notices one bit, one missing value, one more row", {
  data <- oc_query("SELECT * FROM cost WHERE billed > 1 ORDER BY ALL LIMIT 10")
  changed <- data
  place <- 1
  changed$billed[[place]] <- data$billed[[place]] * (1 + .Machine$double.eps)
  missing <- data
  missing$billed[[place]] <- NA
  hashes <- vapply(list(data, changed, missing, data[-1, ]), canonical_hash, "")
  expect_length(unique(hashes), 4)
})

test_that("every delivered table has the values that Python reads, where they may be read", {
  release <- oc_release()
  delivered <- reticulate::import("openchronic.restricted.sources")$delivered(attr(release, "python"))
  skip_if(inherits(try(oc_source(delivered[[1]]), silent = TRUE), "try-error"), "the restricted zone is closed here")
  for (table in delivered) {
    expect_identical(
      canonical_hash(dplyr::collect(oc_source(table, release))),
      python_side()$source_hash(table, attr(release, "python")),
      info = table
    )
  }
})

test_that("amounts are the doubles of oc.pandas", {
  skip_if_not(reticulate::py_module_available("pandas"), "pandas is not here")
  for (column in c("billed", "reimbursement_base", "reimbursed", "quantity")) {
    ours <- oc_query(paste("SELECT", column, "FROM cost"))[[1]]
    ours <- bits(sort(ours))
    expect_identical(ours, unlist(python_side()$pandas_bits("cost", column, attr(oc_release(), "python"))))
  }
})

test_that("each type of SQL has Python's value", {
  statement <- "SELECT * FROM (VALUES
    (true, 1::TINYINT, 2147483647, 9007199254740992, 12.35::DECIMAL(18,2), 0.1::DOUBLE, 'é∅''x', DATE '1900-02-28', [1, NULL, 3]::BIGINT[]),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (false, (-128)::TINYINT, -2147483647, -9007199254740992, 0.35::DECIMAL(18,2), 'inf'::DOUBLE, '', DATE '2199-12-31', []::BIGINT[])
  ) AS v(b, t, i, l, d, x, s, j, a)"
  ours <- oc_query(statement)
  expect_identical(
    vapply(ours, function(column) class(column)[[1]], ""),
    c(
      b = "logical", t = "integer", i = "integer", l = "numeric", d = "numeric", x = "numeric", s = "character",
      j = "Date", a = "list"
    )
  )
  expect_identical(ours$b, c(TRUE, NA, FALSE))
  expect_identical(ours$d, c(12.35, NA, 0.35))
  expect_identical(Encoding(ours$s[[1]]), "UTF-8")
  expect_identical(canonical_hash(ours), python_side()$query_hash(statement, attr(oc_release(), "python")))
})
