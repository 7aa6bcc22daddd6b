# Rows that stay in DuckDB until they are asked for: those of exposures, of a cohort, of pathways.

rows_in_python <- function(relation) {
  structure(list(columns = texts_of(relation$columns)), python = relation, class = "oc_rows")
}

#' @export
print.oc_rows <- function(x, ...) {
  cat("<Lignes d’Open Chronic : ", paste(x$columns, collapse = ", "), ">\n", sep = "")
  print(receive(function(address) asked(for_r()$head_of(attr(x, "python")))$give(address, NULL)), row.names = FALSE)
  cat("as.data.frame() ou dplyr::collect() en ramène toutes les lignes.\n")
  invisible(x)
}

#' @export
as.data.frame.oc_rows <- function(x, ...) {
  rows <- asked(for_r()$rows_of(attr(x, "python")))
  receive(function(address) rows$give(address, NULL))
}

#' @exportS3Method dplyr::collect
collect.oc_rows <- function(x, ...) as.data.frame(x)

# What Python takes for a table: rows that are already there, a cohort, a data frame of R, the path of a file.
table_for_python <- function(data, name) {
  if (inherits(data, "oc_rows") || inherits(data, "oc_cohort")) {
    return(attr(data, "python"))
  }
  if (is.data.frame(data)) {
    return(send(data, function(address) for_r()$table_at(address)))
  }
  if (inherits(data, "tbl_lazy")) {
    return(table_for_python(dplyr::collect(data), name))
  }
  if (is.character(data) && length(data) == 1 && !is.na(data)) {
    return(path.expand(data))
  }
  stop_french(paste0(name, " : un data.frame, ce que donnent oc_exposures() ou oc_cohort(), ou le chemin d’un fichier CSV ou Parquet."))
}

# Python takes a release by its object, or none for that of the session.
release_for_python <- function(release) {
  if (inherits(release, "OpenChronicConnection")) {
    release <- release@state$release
  }
  python_of(pinned(release))
}

# Values of R as those of TOML: dates as texts, vectors of several values as lists.
told_value <- function(value) {
  if (is.list(value)) {
    return(lapply(value, told_value))
  }
  if (inherits(value, "Date") || inherits(value, "POSIXt")) {
    value <- format(value, "%Y-%m-%d")
  }
  if (is.factor(value)) {
    value <- as.character(value)
  }
  if (length(value) > 1) as.list(unname(value)) else unname(value)
}
