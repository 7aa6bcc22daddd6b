# The tables of a connection: those of the release, which are views, and the session's own.

#' @rdname openchronic-dbi
#' @export
setMethod("dbListTables", "OpenChronicConnection", function(conn, ...) {
  tables_in(conn, "main")
})

# Temporary tables have a catalogue of their own.
tables_in <- function(conn, schema) {
  found <- dbGetQuery(
    conn,
    "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name COLLATE \"C\"",
    params = list(schema)
  )
  unique(found$table_name)
}

#' @rdname openchronic-dbi
#' @export
setMethod("dbExistsTable", signature("OpenChronicConnection", "ANY"), function(conn, name, ...) {
  parts <- parts_of(conn, name)
  found <- dbGetQuery(
    conn,
    "SELECT count(*) AS n FROM information_schema.tables
     WHERE lower(table_schema) = lower($schema) AND lower(table_name) = lower($table)",
    params = list(schema = parts$schema, table = parts$table)
  )
  found$n > 0
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbListFields", signature("OpenChronicConnection", "ANY"), function(conn, name, ...) {
  fields_of(conn, name)$name
})

fields_of <- function(conn, name) {
  found <- dbSendQuery(conn, paste("SELECT * FROM", quoted_name(conn, name), "LIMIT 0"))
  on.exit(dbClearResult(found))
  dbColumnInfo(found)
}

#' @rdname openchronic-dbi
#' @export
setMethod("dbListObjects", "OpenChronicConnection", function(conn, prefix = NULL, ...) {
  if (is.null(prefix)) {
    tables <- lapply(dbListTables(conn), function(table) Id(table = table))
    schemas <- if (length(tables_in(conn, SOURCE_SCHEMA)) > 0) list(Id(schema = SOURCE_SCHEMA))
    objects <- c(schemas, tables)
    prefixes <- rep(c(TRUE, FALSE), c(length(schemas), length(tables)))
  } else {
    schema <- parts_of(conn, prefix)$table
    objects <- lapply(tables_in(conn, schema), function(table) Id(schema = schema, table = table))
    prefixes <- rep(FALSE, length(objects))
  }
  listed <- data.frame(is_prefix = prefixes)
  listed$table <- objects
  listed[c("table", "is_prefix")]
})

# A name given as text, as DBI's Id, as quoted SQL or as a name of dbplyr.
quoted_name <- function(conn, name) {
  as.character(if (is(name, "SQL")) name else dbQuoteIdentifier(conn, id_of(name)))
}

id_of <- function(name) {
  if (is(name, "Id")) {
    return(name)
  }
  if (is.character(name) && length(name) == 1 && !is.na(name)) {
    return(Id(table = as.character(name)))
  }
  stop_french("name : le nom d’une table, ou DBI::Id(schema = , table = ).")
}

parts_of <- function(conn, name) {
  id <- if (is(name, "SQL")) dbUnquoteIdentifier(conn, name)[[1]] else id_of(name)
  parts <- unname(id@name)
  count <- length(parts)
  list(table = parts[[count]], schema = if (count > 1) parts[[count - 1]] else "main")
}
