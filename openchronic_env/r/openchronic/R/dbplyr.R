# What dbplyr asks of a connection: DuckDB's SQL is that of PostgreSQL, but for what stands here.

#' @export
dbplyr_edition.OpenChronicConnection <- function(con) 2L

#' @export
db_connection_describe.OpenChronicConnection <- function(con, ...) {
  paste0("Open Chronic ", described(con@state$release))
}

#' @export
sql_translation.OpenChronicConnection <- function(con) {
  of_postgres <- utils::getS3method("sql_translation", "PostgreSQL", envir = asNamespace("dbplyr"))(con)
  dbplyr::sql_variant(
    dbplyr::sql_translator(.parent = of_postgres$scalar, .funs = scalars()),
    of_postgres$aggregate,
    of_postgres$window
  )
}

scalars <- function() {
  list(
    # `~` is a match of the whole text in DuckDB, of a part in R and in PostgreSQL.
    grepl = function(pattern, x, ignore.case = FALSE, perl = FALSE, fixed = FALSE, useBytes = FALSE) {
      # Where the text is missing, grepl() says FALSE, and str_detect() NA.
      dbplyr::build_sql("COALESCE(", matches(x, pattern, ignore.case = ignore.case, fixed = fixed), ", FALSE)")
    },
    str_detect = function(string, pattern, negate = FALSE) {
      found <- matches(string, pattern)
      if (isTRUE(negate)) dbplyr::build_sql("NOT(", found, ")") else found
    },
    # R rounds a quotient down and gives a remainder the sign of the divisor.
    `%/%` = function(x, y) dbplyr::build_sql("FLOOR((", x, ") / (", whole(y), "))"),
    `%%` = function(x, y) {
      by <- whole(y)
      dbplyr::build_sql("(((", x, ") % (", by, ") + (", by, ")) % (", by, "))")
    },
    # R cuts the decimals of a number off, where SQL rounds.
    as.integer = function(x) dbplyr::build_sql("CAST(TRUNC(CAST(", x, " AS DOUBLE)) AS INTEGER)"),
    # A date plus 30 is a date only where 30 is an integer, and R writes 30 for 30.0.
    `+` = function(x, y) plus_or_minus("+", x, if (!missing(y)) y),
    `-` = function(x, y) plus_or_minus("-", x, if (!missing(y)) y)
  )
}

matches <- function(text, pattern, ignore.case = FALSE, fixed = FALSE) {
  if (fixed || inherits(pattern, "stringr_fixed")) {
    return(dbplyr::build_sql("CONTAINS(", text, ", ", as.character(pattern), ")"))
  }
  if (ignore.case) {
    return(dbplyr::build_sql("REGEXP_MATCHES(", text, ", ", pattern, ", 'i')"))
  }
  dbplyr::build_sql("REGEXP_MATCHES(", text, ", ", pattern, ")")
}

plus_or_minus <- function(sign, x, y) {
  if (is.null(y)) {
    return(dbplyr::build_sql(dbplyr::sql(sign), whole(x)))
  }
  dbplyr::build_sql(whole(x), " ", dbplyr::sql(sign), " ", whole(y))
}

# A number that R's user wrote without decimals.
whole <- function(value) {
  plain <- is.double(value) && is.null(attr(value, "class")) && length(value) == 1
  if (plain && is.finite(value) && value == trunc(value) && abs(value) <= .Machine$integer.max) {
    return(as.integer(value))
  }
  value
}

# A text is a date only beside a date.
sql_escape_date.OpenChronicConnection <- function(con, x) {
  ifelse(is.na(x), "NULL", paste0("DATE '", format(x, "%Y-%m-%d"), "'"))
}

sql_escape_datetime.OpenChronicConnection <- function(con, x) {
  ifelse(is.na(x), "NULL", paste0("TIMESTAMPTZ '", format(x, "%Y-%m-%d %H:%M:%OS6+00", tz = "UTC"), "'"))
}
