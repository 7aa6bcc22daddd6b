# A result of DBI: rows are fetched as they are asked for.

#' @rdname openchronic-dbi
#' @exportClass OpenChronicResult
setClass("OpenChronicResult", contains = "DBIResult", slots = c(state = "environment"))

#' @rdname openchronic-dbi
#' @export
setMethod(
  "dbSendQuery", signature("OpenChronicConnection", "character"),
  function(conn, statement, params = NULL, ...) {
    state <- new.env(parent = emptyenv())
    state$conn <- conn
    state$statement <- paste(statement, collapse = "\n")
    state$fetched <- 0
    result <- new("OpenChronicResult", state = state)
    duck <- duck_of(conn)
    waits <- is.null(params) && reticulate::py_to_r(asked(duck$asks(state$statement))) > 0
    if (!waits) {
      state$rows <- asked(duck$query(state$statement, bound(params)))
    }
    result
  }
)

#' @rdname openchronic-dbi
#' @export
setMethod(
  "dbSendStatement", signature("OpenChronicConnection", "character"),
  function(conn, statement, params = NULL, ...) dbSendQuery(conn, statement, params = params, ...)
)

#' @rdname openchronic-dbi
#' @export
setMethod("dbBind", "OpenChronicResult", function(res, params, ...) {
  open_result(res)
  res@state$rows <- asked(duck_of(res@state$conn)$query(res@state$statement, bound(params)))
  res@state$fetched <- 0
  invisible(res)
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbFetch", "OpenChronicResult", function(res, n = -1, ...) {
  rows <- rows_of(res)
  if (!is.numeric(n) || length(n) != 1 || is.na(n) || (n < 0 && n != -1) || (is.finite(n) && n != trunc(n))) {
    stop_french("n : un nombre entier de lignes, ou -1 pour toutes celles qui restent.")
  }
  wanted <- if (n == -1 || is.infinite(n)) NULL else as.integer(min(n, .Machine$integer.max))
  data <- receive(function(address) rows$give(address, wanted))
  res@state$fetched <- res@state$fetched + nrow(data)
  data
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbHasCompleted", "OpenChronicResult", function(res, ...) {
  reticulate::py_to_r(rows_of(res)$finished)
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbGetRowCount", "OpenChronicResult", function(res, ...) {
  open_result(res)
  res@state$fetched
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbGetRowsAffected", "OpenChronicResult", function(res, ...) {
  as.numeric(reticulate::py_to_r(rows_of(res)$changed))
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbGetStatement", "OpenChronicResult", function(res, ...) {
  open_result(res)
  res@state$statement
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbColumnInfo", "OpenChronicResult", function(res, ...) {
  rows <- rows_of(res)
  data.frame(name = texts_of(rows$columns), type = texts_of(rows$types))
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbIsValid", "OpenChronicResult", function(dbObj, ...) {
  !isTRUE(dbObj@state$cleared) && dbIsValid(dbObj@state$conn)
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbGetInfo", "OpenChronicResult", function(dbObj, ...) {
  list(
    statement = dbGetStatement(dbObj),
    row.count = dbGetRowCount(dbObj),
    rows.affected = dbGetRowsAffected(dbObj),
    has.completed = dbHasCompleted(dbObj)
  )
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbClearResult", "OpenChronicResult", function(res, ...) {
  if (isTRUE(res@state$cleared)) {
    warning("Ce résultat est déjà fermé.", call. = FALSE)
  } else if (!is.null(res@state$rows)) {
    try(res@state$rows$close(), silent = TRUE)
  }
  res@state$rows <- NULL
  res@state$cleared <- TRUE
  invisible(TRUE)
})

#' @rdname openchronic-dbi
#' @export
setMethod("show", "OpenChronicResult", function(object) {
  cat("<Résultat d’Open Chronic>\n", object@state$statement, "\n", sep = "")
})

open_result <- function(res) {
  if (!dbIsValid(res)) {
    stop_french("Ce résultat est fermé, ou sa connexion : envoyez la requête de nouveau.")
  }
}

rows_of <- function(res) {
  open_result(res)
  if (is.null(res@state$rows)) {
    stop_french("La requête attend des valeurs : donnez-les par params =, ou par dbBind().")
  }
  res@state$rows
}

# Returns the values of a statement as Python takes them: a pair (class, value) each.
bound <- function(params) {
  if (is.null(params)) {
    return(NULL)
  }
  pairs <- lapply(as.list(params), bound_value)
  if (is.null(names(params))) reticulate::r_to_py(unname(pairs)) else reticulate::r_to_py(pairs)
}

bound_value <- function(value) {
  if (length(value) > 1) {
    stop_french("params : une seule valeur par place. Pour plusieurs, joignez une table (copy_to).")
  }
  if (is.factor(value)) {
    value <- as.character(value)
  }
  kind <- if (inherits(value, "POSIXct")) "POSIXct" else if (inherits(value, "Date")) "Date" else mode(value)
  if (!kind %in% c("POSIXct", "Date", "numeric", "character", "logical", "NULL")) {
    stop_french(paste0("params : une valeur de classe ", class(value)[[1]], " ne se donne pas à une requête."))
  }
  missing <- length(value) == 0 || (is.na(value) && !is.nan(value))
  held <- if (missing) {
    NULL
  } else {
    switch(kind,
      POSIXct = format(value, "%Y-%m-%dT%H:%M:%OS6", tz = "UTC"),
      Date = format(value, "%Y-%m-%d"),
      character = enc2utf8(value),
      value
    )
  }
  list(kind, held)
}
