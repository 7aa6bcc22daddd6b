skip_without_release()

test_that("the Connections pane sees a connection, its tables, columns and rows", {
  seen <- new.env()
  old <- options(connectionObserver = list(
    connectionOpened = function(...) seen$opened <- list(...),
    connectionClosed = function(type, host, ...) seen$closed <- list(type = type, host = host)
  ))
  on.exit(options(old))
  con <- oc_connect()
  pane <- seen$opened
  expect_match(pane$displayName, oc_release()$name, fixed = TRUE)
  expect_match(pane$connectCode, paste0("con <- oc_connect(\"", oc_release()$name, "\")"), fixed = TRUE)
  expect_true(nzchar(pane$host))
  objects <- pane$listObjects()
  expect_setequal(objects$name, oc_release()$tables)
  expect_setequal(objects$type, "view")
  expect_identical(pane$listColumns(view = "patient")$name[[1]], "subject_id")
  expect_identical(nrow(pane$previewObject(5, view = "event")), 5L)
  expect_true(all(unique(objects$type) %in% names(pane$listObjectTypes())))
  pane$disconnect()
  expect_identical(seen$closed, list(type = pane$type, host = pane$host))
  expect_false(DBI::dbIsValid(con))
})

test_that("without a pane nothing is said", {
  expect_null(getOption("connectionObserver"))
  expect_silent(DBI::dbDisconnect(oc_connect()))
})
