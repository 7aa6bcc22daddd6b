# RStudio's Connections pane, by the contract of its option "connectionObserver". Elsewhere nothing happens.

PANE <- "Open Chronic"

show_in_pane <- function(con) {
  observer <- getOption("connectionObserver")
  if (is.null(observer)) {
    return(invisible())
  }
  release <- con@state$release
  observer$connectionOpened(
    type = PANE,
    displayName = paste0("Open Chronic ", described(release)),
    host = host_of(con),
    connectCode = paste0("library(openchronic)\ncon <- oc_connect(", code_of(release), ")"),
    disconnect = function() dbDisconnect(con),
    listObjectTypes = function() {
      table <- list(contains = "data")
      list(schema = list(contains = list(table = table, view = table)), table = table, view = table)
    },
    listObjects = function(schema = NULL, ...) pane_objects(con, schema),
    listColumns = function(table = NULL, view = NULL, schema = NULL, ...) {
      fields_of(con, pane_id(table, view, schema))
    },
    previewObject = function(rowLimit, table = NULL, view = NULL, schema = NULL, ...) {
      name <- dbQuoteIdentifier(con, pane_id(table, view, schema))
      dbGetQuery(con, paste("SELECT * FROM", name, "LIMIT", as.integer(rowLimit)))
    },
    actions = list(),
    connectionObject = con
  )
}

hide_from_pane <- function(con) {
  observer <- getOption("connectionObserver")
  if (!is.null(observer)) {
    observer$connectionClosed(type = PANE, host = host_of(con))
  }
}

# Two connections of one host would be one entry of the pane.
host_of <- function(con) paste0(described(con@state$release), " ", format(con@state))

code_of <- function(release) {
  if (is.null(release$sample)) {
    return(deparse(release$name))
  }
  paste0("oc_release(", deparse(release$name), ", sample = ", format(release$sample, digits = 15), ")")
}

pane_objects <- function(con, schema) {
  listed <- dbListObjects(con, prefix = if (!is.null(schema)) Id(schema = schema))
  names <- vapply(listed$table, function(id) utils::tail(unname(id@name), 1), "")
  kinds <- ifelse(listed$is_prefix, "schema", ifelse(names %in% con@state$release$tables, "view", "table"))
  data.frame(name = names, type = kinds)
}

pane_id <- function(table, view, schema) {
  name <- if (is.null(view)) table else view
  if (is.null(schema)) Id(table = name) else Id(schema = schema, table = name)
}
