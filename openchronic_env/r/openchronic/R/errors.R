# Errors of Python and of DuckDB as errors of R, in French and without a traceback.

stop_french <- function(text) {
  stop(structure(
    class = c("oc_error", "error", "condition"),
    list(message = text, call = NULL)
  ))
}

# Evaluates a call of Python; an error is told as `openchronic.for_r` tells it.
asked <- function(call) {
  tryCatch(call, error = function(problem) {
    if (!inherits(problem, "python.builtin.BaseException")) {
      stop(problem)
    }
    stop_french(text_of(for_r()$told(problem)))
  })
}

# Python's texts and lists, as R's.
text_of <- function(object) reticulate::py_to_r(object)
texts_of <- function(object) as.character(unlist(reticulate::py_to_r(module("builtins")$list(object))))
