# Data frames of R as tables of the session's own database. The release's tables are never replaced.

#' @rdname openchronic-dbi
#' @export
setMethod(
  "dbWriteTable", signature("OpenChronicConnection", "ANY", "data.frame"),
  function(conn, name, value, ..., overwrite = FALSE, append = FALSE, field.types = NULL,
           temporary = FALSE, row.names = FALSE) {
    if (overwrite && append) {
      stop_french("overwrite et append : l’un ou l’autre.")
    }
    if (isTRUE(row.names) || is.character(row.names)) {
      stop_french("row.names : les noms des lignes ne sont pas écrits, faites-en une colonne.")
    }
    spared(conn, name)
    there <- dbExistsTable(conn, name)
    if (there && append) {
      dbAppendTable(conn, name, value)
      return(invisible(TRUE))
    }
    if (there && !overwrite) {
      stop_french(paste0(
        "La table « ", parts_of(conn, name)$table, " » existe déjà : overwrite = TRUE la remplace, append = TRUE la complète."
      ))
    }
    with_rows(conn, value, function(rows) {
      if (there) {
        dbRemoveTable(conn, name)
      }
      kind <- if (temporary) "CREATE TEMPORARY TABLE" else "CREATE TABLE"
      dbExecute(conn, paste(
        kind, quoted_name(conn, name), "AS SELECT", typed_columns(conn, value, field.types), "FROM", rows
      ))
    })
    invisible(TRUE)
  }
)

#' @rdname openchronic-dbi
#' @export
setMethod(
  "dbAppendTable", signature("OpenChronicConnection"),
  function(conn, name, value, ..., row.names = NULL) {
    spared(conn, name)
    columns <- paste(dbQuoteIdentifier(conn, names(value)), collapse = ", ")
    with_rows(conn, value, function(rows) {
      dbExecute(conn, paste0(
        "INSERT INTO ", quoted_name(conn, name), " (", columns, ") SELECT ", columns, " FROM ", rows
      ))
    })
  }
)

#' @rdname openchronic-dbi
#' @export
setMethod(
  "dbCreateTable", signature("OpenChronicConnection"),
  function(conn, name, fields, ..., row.names = NULL, temporary = FALSE) {
    spared(conn, name)
    if (is.data.frame(fields)) {
      fields <- vapply(fields, function(column) dbDataType(conn, column), "")
    }
    kind <- if (temporary) "CREATE TEMPORARY TABLE" else "CREATE TABLE"
    columns <- paste(dbQuoteIdentifier(conn, names(fields)), fields, collapse = ", ")
    dbExecute(conn, paste0(kind, " ", quoted_name(conn, name), " (", columns, ")"))
    invisible(TRUE)
  }
)

#' @rdname openchronic-dbi
#' @export
setMethod(
  "dbRemoveTable", signature("OpenChronicConnection", "ANY"),
  function(conn, name, ..., fail_if_missing = TRUE) {
    spared(conn, name)
    there <- if (fail_if_missing) "DROP TABLE" else "DROP TABLE IF EXISTS"
    dbExecute(conn, paste(there, quoted_name(conn, name)))
    invisible(TRUE)
  }
)

#' @rdname openchronic-dbi
#' @export
setMethod("dbDataType", "OpenChronicConnection", function(dbObj, obj, ...) {
  if (is.data.frame(obj)) {
    return(vapply(obj, function(column) dbDataType(dbObj, column), ""))
  }
  if (inherits(obj, "Date")) {
    "DATE"
  } else if (inherits(obj, "POSIXt")) {
    "TIMESTAMPTZ"
  } else if (inherits(obj, "integer64")) {
    "BIGINT"
  } else if (is.factor(obj) || is.character(obj)) {
    "VARCHAR"
  } else {
    switch(typeof(obj),
      logical = "BOOLEAN",
      integer = "INTEGER",
      double = "DOUBLE",
      list = "BLOB",
      stop_french(paste0("DuckDB n’a pas de type pour un objet de classe ", class(obj)[[1]], "."))
    )
  }
})

# Does something with the rows of a data frame, which are a view meanwhile.
with_rows <- function(conn, value, use) {
  duck <- duck_of(conn)
  lent <- basename(tempfile("de_r_"))
  send(value, function(address) duck$lend(lent, address))
  on.exit(asked(duck$take_back(lent)))
  use(quoted_name(conn, lent))
}

typed_columns <- function(conn, value, types) {
  names <- dbQuoteIdentifier(conn, names(value))
  kinds <- if (is.null(types)) rep(NA, length(names)) else unname(types[names(value)])
  cast <- paste0("CAST(", names, " AS ", kinds, ") AS ", names)
  paste(ifelse(is.na(kinds), as.character(names), cast), collapse = ", ")
}

spared <- function(conn, name) {
  parts <- parts_of(conn, name)
  if (parts$schema == "main" && tolower(parts$table) %in% tolower(conn@state$release$tables)) {
    stop_french(paste0(
      "« ", parts$table, " » est une table de la version, qui ne change jamais : choisissez un autre nom."
    ))
  }
}
