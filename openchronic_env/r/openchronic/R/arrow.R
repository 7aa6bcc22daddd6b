# Rows between R and Python, by Arrow's C stream: no text in between, and no copy but R's own.

# Returns the rows that `fill` writes to the stream at an address.
receive <- function(fill) {
  stream <- nanoarrow::nanoarrow_allocate_array_stream()
  # An address is more than a number of R holds: it goes as hexadecimal text.
  asked(fill(nanoarrow::nanoarrow_pointer_addr_pretty(stream)))
  plain(nanoarrow::convert_array_stream(stream))
}

# Lists are R's own, without the class that vctrs gives them.
plain <- function(data) {
  for (name in seq_along(data)) {
    if (inherits(data[[name]], "vctrs_list_of")) {
      data[[name]] <- lapply(unclass(data[[name]]), identity)
    }
  }
  data
}

send <- function(data, take) {
  columns <- lapply(seq_along(data), function(place) sendable(data[[place]], names(data)[[place]]))
  names(columns) <- names(data)
  rows <- structure(columns, class = "data.frame", row.names = .set_row_names(nrow(data)))
  stream <- nanoarrow::as_nanoarrow_array_stream(rows)
  asked(take(nanoarrow::nanoarrow_pointer_addr_pretty(stream)))
}

sendable <- function(column, name) {
  if (is.factor(column)) {
    return(as.character(column))
  }
  if (inherits(column, "Date")) {
    # A date may be an integer or have hours: DuckDB's are whole days.
    return(structure(floor(as.numeric(column)), class = "Date"))
  }
  if (inherits(column, "POSIXlt")) {
    return(as.POSIXct(column))
  }
  plain_type <- is.null(attr(column, "class")) && is.null(dim(column)) &&
    (is.logical(column) || is.numeric(column) || is.character(column))
  if (plain_type || inherits(column, "POSIXct") || inherits(column, "integer64")) {
    if (is.character(column)) {
      return(enc2utf8(column))
    }
    return(column)
  }
  stop_french(paste0(
    "La colonne « ", name, " » est de classe ", class(column)[[1]], ", que DuckDB ne reçoit pas : ",
    "convertissez-la en nombre, texte, date ou booléen."
  ))
}
