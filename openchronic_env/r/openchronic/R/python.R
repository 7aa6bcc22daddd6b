# The Python package of the same name: found, loaded at the first call, and let go at the end of R.

python <- new.env(parent = emptyenv())

# Returns the module openchronic.for_r. Nothing is loaded before the first call: library(openchronic) costs nothing.
for_r <- function() module("openchronic.for_r")

module <- function(name) {
  if (is.null(python[[name]])) {
    choose_python()
    loaded <- tryCatch(
      reticulate::import(name, convert = FALSE),
      error = function(problem) refuse_python(conditionMessage(problem))
    )
    check_version()
    python[[name]] <- loaded
  }
  python[[name]]
}

# Names the Python of the session, where nobody has named another one. Without it, reticulate would try to download one.
choose_python <- function() {
  named <- nzchar(Sys.getenv(c("RETICULATE_PYTHON", "RETICULATE_PYTHON_ENV")))
  if (reticulate::py_available() || any(named)) {
    return(invisible())
  }
  places <- c(
    file.path(Sys.getenv("VIRTUAL_ENV", NA), "bin", "python"),
    # Where R is not started by the session's shell, its PATH may be all that tells.
    file.path(dirname(Sys.which("openchronic")), "python")
  )
  found <- Filter(file.exists, places)
  if (length(found) == 0) {
    refuse_python("aucun environnement Python n’a été trouvé")
  }
  Sys.setenv(RETICULATE_PYTHON = found[[1]])
}

refuse_python <- function(reason) {
  stop_french(paste0(
    "Le paquet Python openchronic ne se charge pas : ", reason, ".\n",
    "Nommez l’environnement où il est installé, avant tout autre appel : ",
    "Sys.setenv(RETICULATE_PYTHON = \"/…/bin/python\"). Sur le serveur, prévenez un administrateur."
  ))
}

# Both packages come from one project and have one version: with another one, an answer might not be what this one expects.
check_version <- function() {
  theirs <- reticulate::py_to_r(reticulate::import("openchronic", convert = FALSE)$`__version__`)
  ours <- utils::packageDescription("openchronic", fields = "Version")
  if (!identical(theirs, ours)) {
    warning(
      "Le paquet R openchronic (", ours, ") et le paquet Python (", theirs, ") ne sont pas de la même version.",
      call. = FALSE
    )
  }
}

# Before Python ends, what R holds of it is closed: else its libraries report everything that is still alive.
let_go <- function(...) {
  for (name in ls(shared)) {
    close_quietly(get(name, envir = shared)@state)
  }
  rm(list = ls(shared), envir = shared)
  rm(list = ls(python), envir = python)
  gc(verbose = FALSE)
}
