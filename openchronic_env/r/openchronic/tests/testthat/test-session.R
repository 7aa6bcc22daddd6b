skip_without_release()

test_that("the release is Python's, and says so", {
  release <- oc_release()
  expect_match(release$name, paste0("^", release$base, "@", release$id, "$"))
  expect_match(plain_spaces(format(release)), "^<Open Chronic .*patients.*événements")
  expect_identical(oc_release(release$name)$id, release$id)
  expect_true(all(c("patient", "event", "cost") %in% release$tables))
  expect_identical(oc_bases(), release$base)
  expect_gt(summary(release)$lignes[summary(release)$table == "event"], 0)
})

test_that("a sample has the same subjects in every table, and is smaller", {
  some <- oc_release(sample = 0.5)
  patients <- dplyr::collect(oc_table("patient", some))
  expect_lt(nrow(patients), nrow(oc_query("SELECT subject_id FROM patient")))
  expect_true(all(patients$subject_id %% 1000003 < round(0.5 * 1000003)))
  expect_true(all(dplyr::collect(oc_table("ald", some))$subject_id %in% patients$subject_id))
  expect_match(capture.output(show(oc_connect(some))), "échantillon de 50")
})

test_that("the dictionary describes tables, and proposes what is alike", {
  expect_output(print(oc_describe("event")), "event_type")
  expect_match(attr(oc_describe("event"), "html"), "<table")
  expect_output(print(oc_describe()), "ER_PRS_F")
  expect_french(oc_describe("evnt"), "Noms proches : event")
})

test_that("errors are in French, and name functions of R", {
  expect_french(oc_release("nulle"), "Pas de base « nulle »")
  expect_french(oc_release(sample = 2), "entre 0 et 1")
  expect_french(oc_table("evenement"), c("pas de table « evenement »", "patient"))
  expect_french(oc_query("SELECT * FROM evnt"), c("n’existe pas", "Vouliez-vous dire « event »"))
  expect_french(oc_query("SELECT sexe FROM patient"), c("colonne « sexe »", "\"sex\""))
  expect_french(oc_query("SELEC 1"), c("près de « SELEC »", "LINE 1: SELEC 1"))
  expect_french(oc_source("ER_PRS_F", oc_release(sample = 0.1)), c("échantillon", "oc_source(\"ER_PRS_F\", oc_release("))
  expect_french(oc_source("RIEN"), "pas été faite avec une table « RIEN »")
  expect_french(dplyr::collect(dplyr::filter(oc_table("event"), dplyr::sql("inconnue > 1"))), "colonne « inconnue »")
})

test_that("outside the server there is no project, and on it there is one", {
  variables <- list(OPENCHRONIC_PROJECT = "etude", OPENCHRONIC_PROJECTS = paste0(
    "{\"etude\": {\"title\": \"Une étude\", \"bases\": [\"", oc_release()$base, "\"], \"source_tables\": false}}"
  ))
  environment <- reticulate::import("os")$environ
  expect_french(oc_project(), "Pas de projet ici")
  environment$update(variables)
  on.exit(for (name in names(variables)) environment$pop(name))
  project <- oc_project()
  expect_identical(project$title, "Une étude")
  expect_identical(project$folder, "/srv/equipes/etude")
  expect_false(project$source_tables)
  expect_output(print(project), "Une étude")
})

test_that("a delivered table is lazy, typed, and may be of some years", {
  skip_if(inherits(try(oc_source("ER_PRS_F"), silent = TRUE), "try-error"), "the restricted zone is closed here")
  year <- oc_release()$years[[1]]
  one <- dplyr::collect(dplyr::count(oc_source("ER_PRS_F", years = year)))$n
  all <- dplyr::collect(dplyr::count(oc_source("ER_PRS_F")))$n
  expect_gt(one, 0)
  expect_gt(all, one)
  expect_s3_class(dplyr::collect(head(oc_source("ER_PRS_F")))$FLX_DIS_DTD, "Date")
  expect_french(oc_source("ER_PRS_F", years = "2021"), "years")
  expect_true("livrees" %in% vapply(
    dbplyr::remote_con(oc_table("event")) |> DBI::dbListObjects() |> _$table, function(id) unname(id@name)[[1]], ""
  ))
})
