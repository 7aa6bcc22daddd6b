#' La version d’une base
#'
#' Une base est publiée par *versions*, qui ne changent plus jamais. La session garde jusqu’au bout celle qu’elle a lue en
#' premier : `oc_table()`, `oc_query()` et `oc_connect()` la prennent si l’on ne leur en donne pas d’autre.
#'
#' @param base le nom d’une base (inutile s’il n’y en a qu’une), ou `"base@@identifiant"`, qui fige une étude sur une version.
#' @param sample une part des sujets, par exemple `0.01` : les mêmes dans toutes les tables et d’une version à l’autre,
#'   et tous compris dans une part plus grande.
#' @return une version : `name` (`"base@@identifiant"`), `base`, `id`, `path`, `tables`, `years`, `created`, `sample`.
#'   `summary()` compte les lignes de ses tables.
#' @seealso [oc_bases()], [oc_table()]
#' @examples
#' \dontrun{
#' version <- oc_release("cohorte")
#' version$name
#' summary(version)
#' oc_table("event", oc_release("cohorte", sample = 0.01))
#' }
#' @export
oc_release <- function(base = NULL, sample = NULL) {
  as_release(asked(module("openchronic")$release(base, sample = sample)))
}

# Returns what the session has pinned, or the release that is named.
pinned <- function(release = NULL) {
  if (inherits(release, "oc_release")) {
    return(release)
  }
  if (!is.null(release) && !(is.character(release) && length(release) == 1 && !is.na(release))) {
    stop_french("release : une version (oc_release()), ou le nom d’une base ou d’une version, par exemple \"cohorte\".")
  }
  as_release(asked(module("openchronic.api.pinning")$pinned(release)))
}

as_release <- function(object) {
  manifest <- object$manifest
  structure(
    list(
      name = text_of(object$name),
      base = text_of(object$base),
      id = text_of(object$id),
      path = text_of(module("builtins")$str(object$path)),
      tables = texts_of(object$tables),
      years = as.integer(unlist(reticulate::py_to_r(manifest["years"]))),
      created = text_of(manifest["created"]),
      sample = reticulate::py_to_r(object$sample)
    ),
    python = object,
    class = "oc_release"
  )
}

python_of <- function(release) attr(release, "python", exact = TRUE)

#' @export
print.oc_release <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

#' @export
format.oc_release <- function(x, ...) text_of(module("builtins")$repr(python_of(x)))

#' @export
summary.oc_release <- function(object, ...) {
  counted <- vapply(
    object$tables,
    function(table) as.numeric(reticulate::py_to_r(python_of(object)$rows(table))),
    numeric(1)
  )
  data.frame(table = object$tables, lignes = unname(counted))
}

#' Les bases de la session
#'
#' @return les noms des bases qui ont une version en service.
#' @seealso [oc_release()], [oc_project()]
#' @examples
#' \dontrun{
#' oc_bases()
#' }
#' @export
oc_bases <- function() texts_of(asked(module("openchronic")$bases()))

#' Le projet de la session
#'
#' Sur le serveur, une session est ouverte pour un projet. Ailleurs, il n’y a pas de projet : c’est une erreur.
#'
#' @return le projet : `name`, `title`, `bases`, `source_tables` (si [oc_source()] peut lire), et `folder`, le dossier que
#'   ses membres partagent.
#' @examples
#' \dontrun{
#' file.path(oc_project()$folder, "resultats.csv")
#' }
#' @export
oc_project <- function() {
  object <- asked(module("openchronic")$project())
  structure(
    list(
      name = text_of(object$name),
      title = text_of(object$title),
      bases = texts_of(object$bases),
      source_tables = reticulate::py_to_r(object$source_tables),
      folder = text_of(module("builtins")$str(object$folder))
    ),
    shown = text_of(module("builtins")$repr(object)),
    class = "oc_project"
  )
}

#' @export
print.oc_project <- function(x, ...) {
  cat(attr(x, "shown"), "\n", sep = "")
  invisible(x)
}
