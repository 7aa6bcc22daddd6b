skip_without_release()
suppressPackageStartupMessages(library(dplyr, warn.conflicts = FALSE))

sql_of <- function(lazy) as.character(dbplyr::remote_query(lazy))

test_that("verbs run in DuckDB and give what SQL gives", {
  lazy <- oc_table("event") |>
    filter(event_type %in% c("drug", "visit"), start_date >= as.Date("2016-06-01")) |>
    inner_join(oc_table("patient"), by = "subject_id") |>
    group_by(sex, event_type) |>
    summarise(n = n(), personnes = n_distinct(subject_id), .groups = "drop") |>
    arrange(sex, event_type)
  expect_output(show_query(lazy), "INNER JOIN")
  expect_identical(as.data.frame(collect(lazy)), oc_query("
    SELECT sex, event_type, count(*) AS n, count(DISTINCT subject_id) AS personnes
    FROM event JOIN patient USING (subject_id)
    WHERE event_type IN ('drug', 'visit') AND start_date >= DATE '2016-06-01'
    GROUP BY ALL ORDER BY ALL"))
})

test_that("windows, left joins, sets and slices run in DuckDB", {
  first <- oc_table("event") |>
    group_by(subject_id) |>
    mutate(rang = row_number(start_date), suivant = lead(start_date, order_by = c(start_date, event_id))) |>
    filter(rang == 1) |>
    ungroup() |>
    select(subject_id, start_date, suivant)
  expect_match(sql_of(first), "OVER")
  mine <- collect(first)
  expect_identical(anyDuplicated(mine$subject_id), 0L)
  expect_s3_class(mine$suivant, "Date")
  without <- oc_table("patient") |> anti_join(oc_table("ald"), by = "subject_id") |> collect()
  with <- oc_table("patient") |> semi_join(oc_table("ald"), by = "subject_id") |> collect()
  expect_identical(nrow(without) + nrow(with), nrow(oc_query("SELECT 1 FROM patient")))
  expect_identical(nrow(collect(slice_min(oc_table("cost"), billed, n = 2, with_ties = FALSE))), 2L)
  expect_identical(collect(head(oc_table("event"), 3)) |> nrow(), 3L)
})

test_that("what R and SQL understand otherwise is R's", {
  con <- oc_connect()
  on.exit(DBI::dbDisconnect(con))
  data <- data.frame(
    x = c(-7, 7, NA), n = c(-7L, 7L, NA), s = c("abc", "xbz", NA), d = as.Date(c("2020-02-28", "1999-12-31", NA))
  )
  remote <- copy_to(con, data, "essai")
  same <- function(...) {
    there <- as.data.frame(collect(mutate(remote, ..., .keep = "none")))
    here <- as.data.frame(mutate(data, ..., .keep = "none"))
    expect_equal(there, here, ignore_attr = FALSE)
  }
  same(a = x %% 3, b = n %% 3L, c = x %/% 2, d = n %% -3L)
  same(a = as.integer(x / 2), b = x / 2, c = n / 2L)
  same(a = grepl("b", s), b = grepl("^b", s), c = grepl("B", s, ignore.case = TRUE), d = grepl("b.", s, fixed = TRUE))
  same(a = d + 30, b = d - 1, c = as.numeric(d - as.Date("2000-01-01")))
  same(a = paste0(coalesce(s, "vide"), "-", coalesce(s, "")), b = nchar(s), c = substr(s, 2, 3), d = toupper(s))
  same(a = ifelse(x > 0, "oui", "non"), b = is.na(x), c = coalesce(x, 0), d = x > 0 & n > 0)
  same(a = round(x / 3, 2), b = abs(x), c = -x, d = pmin(x, 3, na.rm = TRUE))
})

test_that("stringr and lubridate are understood", {
  skip_if_not_installed("stringr")
  skip_if_not_installed("lubridate")
  con <- oc_connect()
  on.exit(DBI::dbDisconnect(con))
  detected <- copy_to(con, data.frame(s = c("abc", "xbz", NA)), "textes") |>
    transmute(a = stringr::str_detect(s, "b"), b = stringr::str_detect(s, "^b", negate = TRUE)) |>
    collect()
  expect_identical(detected$a, c(TRUE, TRUE, NA))
  expect_identical(detected$b, c(TRUE, TRUE, NA))
  found <- oc_table("patient") |>
    filter(stringr::str_detect(scheme, "^0")) |>
    summarise(annee = min(lubridate::year(birth_date)), n = n()) |>
    collect()
  expected <- oc_query("SELECT min(year(birth_date)) AS annee, count(*) AS n FROM patient WHERE scheme LIKE '0%'")
  expect_equal(as.data.frame(found), expected)
  expect_gt(found$n, 0)
  month <- oc_table("event") |> transmute(m = lubridate::floor_date(start_date, "month")) |> distinct() |> head(1) |> collect()
  expect_match(format(month$m), "-01")
})

test_that("statistics are those of R", {
  amounts <- oc_query("SELECT billed FROM cost WHERE billed IS NOT NULL")$billed
  found <- oc_table("cost") |>
    summarise(
      n = n(), moyenne = mean(billed, na.rm = TRUE), ecart = sd(billed, na.rm = TRUE),
      mediane = median(billed, na.rm = TRUE), total = sum(billed, na.rm = TRUE)
    ) |>
    collect()
  expect_equal(found$moyenne, mean(amounts))
  expect_equal(found$ecart, sd(amounts))
  expect_equal(found$mediane, median(amounts))
  # DuckDB adds cents, R adds doubles.
  expect_equal(found$total, sum(amounts))
})

test_that("an intermediate result is kept, and a data frame of R joins", {
  con <- dbplyr::remote_con(oc_table("event"))
  kept <- oc_table("event") |> count(subject_id) |> compute()
  expect_match(sql_of(kept), "dbplyr_")
  expect_identical(nrow(collect(kept)), nrow(oc_query("SELECT DISTINCT subject_id FROM event")))
  mine <- head(oc_query("SELECT subject_id FROM patient ORDER BY subject_id"), 3)
  mine$groupe <- factor(c("a", "b", "a"))
  joined <- oc_table("patient") |> inner_join(mine, by = "subject_id", copy = TRUE) |> collect()
  expect_setequal(joined$groupe, c("a", "b"))
  copied <- copy_to(con, mine, "mes_sujets", overwrite = TRUE)
  expect_identical(collect(count(copied))$n, 3)
  named <- compute(kept, name = "par_sujet", temporary = FALSE)
  expect_true(DBI::dbExistsTable(con, "par_sujet"))
  DBI::dbRemoveTable(con, "par_sujet")
})

test_that("a lazy table names its release, and pivots", {
  expect_output(print(head(oc_table("event"), 2)), oc_release()$name, fixed = TRUE)
  expect_output(explain(oc_table("event")), "READ_PARQUET|PARQUET")
  skip_if_not_installed("tidyr")
  wide <- oc_table("event") |>
    count(care_setting, event_type) |>
    tidyr::pivot_wider(names_from = event_type, values_from = n) |>
    collect()
  expect_true("drug" %in% names(wide))
})
