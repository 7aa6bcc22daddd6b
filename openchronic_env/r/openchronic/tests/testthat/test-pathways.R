skip_without_release()

python_side <- function() reticulate::import("openchronic", convert = FALSE)

everybody <- function() oc_query("SELECT subject_id, min(start_date) AS start_date, max(end_date) AS end_date FROM observation_period GROUP BY 1")

treatments <- list(metformine = "A10BA02", paracetamol = "N02BE", insuline = c("A10AB", "A10AE"))

test_that("exposures are Python's, and stay there until they are asked for", {
  ours <- oc_exposures(treatments)
  expect_identical(ours$columns, c("subject_id", "treatment", "start_date", "end_date"))
  expect_output(print(ours), "as.data.frame")
  rows <- as.data.frame(ours)
  expect_gt(nrow(rows), 50)
  expect_s3_class(rows$start_date, "Date")
  expect_identical(nrow(dplyr::collect(ours)), nrow(rows))
  theirs <- python_side()$exposures(reticulate::r_to_py(lapply(treatments, as.list)))
  expect_identical(canonical_hash(rows), canonical_hash(as.data.frame(rows_in_python(theirs))))
})

test_that("a data frame of R is a cohort, and its identifiers are those of the release", {
  cohort <- everybody()
  made <- oc_pathways(oc_exposures(treatments), cohort)
  shares <- as.data.frame(made$shares)
  expect_equal(sum(shares$n_periods), nrow(cohort))
  expect_true(any(grepl("paracetamol", shares$path)))
  lent <- oc_pathways(as.data.frame(oc_exposures(treatments)), cohort)
  expect_identical(as.data.frame(lent$shares), shares)
  expect_output(print(made), "path")
  for (table in c("paths", "steps", "adherence", "persistence")) expect_gt(nrow(as.data.frame(made[[table]])), 0)
})

test_that("a pathway of the release is read by its name, and lines are made of it", {
  made <- oc_pathways("diabetes")
  expect_identical(unique(as.data.frame(made$shares)$pathway), "diabetes")
  expect_s3_class(oc_sankey(made), "oc_figure")
  expect_french(oc_pathways("diabete"), "vouliez-vous dire diabetes")
  lines <- as.data.frame(oc_lines(oc_pathways(oc_exposures(treatments), everybody())))
  expect_true(all(c("regimen", "opened_by") %in% names(lines)))
  expect_gt(nrow(lines), 0)
})

test_that("sequences of care are Python's", {
  made <- oc_care(everybody())
  flow <- as.data.frame(made$flow)
  expect_true(all(c("source", "target", "n", "n_subjects") %in% names(flow)))
  expect_gt(nrow(flow), 5)
  arrow <- python_side()$care(table_for_python(everybody(), "cohort"))
  expect_identical(canonical_hash(flow), canonical_hash(as.data.frame(rows_in_python(arrow$flow))))
  expect_true("month_1" %in% made$sts$columns)
  for (table in c("contacts", "states", "spells", "sequences", "event_log")) expect_gt(nrow(as.data.frame(made[[table]])), 0)
  expect_gte(nrow(as.data.frame(oc_care(everybody(), collapse_repeats = FALSE)$contacts)), nrow(as.data.frame(made$contacts)))
  expect_output(print(made), "source")
  expect_french(oc_care(everybody(), collapse_repeats = NA), "collapse_repeats")
})

test_that("packs and refills are counted where they are asked for", {
  days <- function(...) {
    rows <- as.data.frame(oc_exposures(treatments, ...))
    sum(as.numeric(rows$end_date - rows$start_date) + 1)
  }
  expect_gte(days(per = "pack"), days())
  expect_gte(days(hospital_days = "extend"), days())
  expect_french(oc_exposures(treatments, method = "dragon"), "method")
})

test_that("adherence and persistence are told by class, and nights in hospital are left out", {
  classes <- list(metformine = "antidiabetique", insuline = "antidiabetique")
  exposures <- oc_exposures(treatments, classes = classes)
  expect_true("class" %in% exposures$columns)
  nights <- oc_hospital_nights()
  expect_identical(nights$columns, c("subject_id", "start_date", "end_date"))
  made <- oc_pathways(exposures, everybody(), hospital = nights)
  told <- as.data.frame(made$adherence)
  expect_identical(unique(told$treatment[told$level == "class"]), "antidiabetique")
  expect_gt(sum(told$days_left_out), 0)
  expect_setequal(unique(as.data.frame(made$persistence)$level), c("all", "treatment", "class"))
  expect_equal(sum(as.data.frame(oc_pathways(exposures, everybody())$adherence)$days_left_out), 0)
  expect_s3_class(oc_persistence_curve(made, level = "class"), "oc_figure")
  expect_french(oc_persistence_curve(made, level = "dose"), "level")
})

test_that("parameters are named in the call or rows of a data frame", {
  cohort <- everybody()
  one <- oc_pathways(oc_exposures(treatments), cohort, max_steps = 1, clip = TRUE)
  expect_false(any(grepl("-", as.data.frame(one$shares)$path, fixed = TRUE)))
  two <- oc_pathways(oc_exposures(treatments), cohort, data.frame(pathway = c("a", "b"), max_steps = c(1, NA)))
  expect_identical(unique(as.data.frame(two$shares)$pathway), c("a", "b"))
  expect_french(oc_pathways(oc_exposures(treatments), cohort, max_gap_day = 3), "vouliez-vous dire max_gap_days")
})

test_that("a cohort is made from the name of a disease, a list or steps", {
  cohort <- oc_cohort(
    "diabetes",
    on = "onset", follow = "death or end_of_observation", steps = list(list(ages = c(18, 110)))
  )
  expect_identical(cohort$definitions[["diabetes"]] >= 1, TRUE)
  expect_equal(nrow(as.data.frame(cohort$rows)), cohort$n_periods)
  expect_true(all(c("subject_id", "start_date", "end_date") %in% cohort$periods$columns))
  expect_match(cohort$release, "@")
  expect_output(print(cohort), "Cohorte")
  expect_match(attr(cohort, "html"), "<svg")
  same <- oc_cohort(list(
    name = "diabetes", index = list(from = "diabetes", on = "onset"), follow = list(until = "death or end_of_observation"),
    step = list(list(ages = c(18, 110)))
  ))
  expect_identical(as.data.frame(same$rows), as.data.frame(cohort$rows))
  expect_equal(sum(as.data.frame(oc_pathways(oc_exposures(treatments), cohort)$shares)$n_periods), cohort$n_periods)
  expect_french(oc_cohort("diabete"), "diabetes")
})

test_that("cohorts are described and compared", {
  people <- lapply(c(M = "M", F = "F"), function(sex) {
    oc_cohort("everyone", name = sex, on = paste0("date:", max(oc_release()$years), "-01-01"), steps = list(list(sex = sex)))
  })
  one <- oc_baseline(people$M, "diabetes")
  expect_true(all(c("variable", "level", "n_periods") %in% one$rows$columns))
  expect_output(print(one), "Âge|Sexe")
  expect_match(html_summary(one), "<table")
  both <- oc_compare(people$M, people$F, diseases = c("diabetes", "copd"))
  expect_true("smd" %in% both$rows$columns)
  expect_equal(nrow(as.data.frame(both$durations)), people$M$n_periods + people$F$n_periods)
  expect_french(oc_baseline(3), "oc_cohort()")
  expect_french(oc_compare(people$M, people$F, diseases = "diabete"), "diabetes")
})

test_that("figures have their numbers, and are shown and written", {
  made <- oc_pathways(oc_exposures(treatments), everybody())
  for (draw in list(oc_sankey, oc_sunburst, oc_persistence_curve)) {
    figure <- draw(made)
    expect_s3_class(figure$data, "data.frame")
    expect_match(figure$svg, "^<svg")
    expect_output(print(figure), figure$title, fixed = TRUE)
    expect_identical(html_figure(figure), figure$svg)
    file <- tempfile(fileext = ".svg")
    oc_save(figure, file)
    expect_identical(paste(readLines(file, warn = FALSE), collapse = "\n"), figure$svg)
  }
  expect_gte(min(oc_sankey(made)$data$n_periods), 11)
  expect_french(oc_sankey(3), "oc_pathways()")
  expect_french(oc_persistence_curve(made, "metformin"), "vouliez-vous dire metformine")
  expect_french(oc_save(oc_sankey(made), "suites.png"), "finit par .svg")
})

test_that("one subject's timeline is individual data", {
  subject <- oc_query("SELECT min(subject_id) AS subject FROM event")$subject
  figure <- oc_timeline(subject)
  expect_identical(nrow(figure$data), nrow(oc_query("SELECT 1 AS a FROM event WHERE subject_id = ?", params = list(subject))))
  expect_french(oc_save(figure, tempfile(fileext = ".svg")), "individual")
  expect_french(oc_timeline(12), "pas de sujet 12")
})

test_that("wrong calls are told in French", {
  expect_french(oc_exposures(list("A10BA02")), "nomme chaque traitement")
  expect_french(oc_exposures(list(x = "Z99ZZ")), "aucun code de la version")
  expect_french(oc_exposures(treatments, days = 1.5), "days")
  expect_french(oc_pathways(3, everybody()), "exposures")
})
