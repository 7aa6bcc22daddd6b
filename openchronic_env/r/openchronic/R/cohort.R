#' Une cohorte
#'
#' Des sujets, leurs jours d’index, la fin de leur suivi, et le schéma de sélection. Les fenêtres sont des jours depuis
#' l’index, bornes incluses, 0 est le jour d’index ; une étape qui regarde après lui est refusée.
#'
#' @param what le nom d’une maladie, `"everyone"`, un fichier `.toml`, ou une liste qui dit la même chose que lui.
#' @param release une version ([oc_release()]), le nom d’une base, ou une connexion ([oc_connect()]) ; sans argument, la
#'   version que la session a lue en premier.
#' @param name le nom de la cohorte.
#' @param on l’index : `"onset"`, `"date:2022-01-01"`, `"each_year"`, `"discharge"`, `"admission"`.
#' @param between deux jours inclus, entre lesquels est l’index.
#' @param keep `"first"`, `"last"`, `"all"` ou `"first_ever"`.
#' @param incident `TRUE` pour les seuls cas incidents.
#' @param follow la fin du suivi, par exemple `"death or end_of_observation or 730 days"`.
#' @param steps une liste d’étapes, dans l’ordre : `list(ages = c(40, 130))`, `list(observed_before = 365)`,
#'   `list(without = list(definition = "dialysis", days = c(-730, -1)))`.
#' @param codes des listes de codes, que les étapes nomment.
#' @return une cohorte : `name`, `release`, `n_periods`, `n_subjects`, `definitions` (la version de chaque maladie), et
#'   `rows`, `periods` et `steps`, à ramener par `as.data.frame()`. Elle s’affiche par son schéma, où les effectifs de moins de
#'   11 personnes sont masqués.
#' @seealso [oc_pathways()]
#' @examples
#' \dontrun{
#' oc_cohort("copd", on = "onset", between = c("2017-01-01", "2018-12-31"), steps = list(list(ages = c(40, 130))))
#' }
#' @export
oc_cohort <- function(what, release = NULL, name = NULL, on = NULL, between = NULL, keep = NULL, incident = NULL, follow = NULL, steps = NULL, codes = NULL) {
  said <- list(
    name = name, on = on, between = between, keep = keep, incident = incident, follow = follow, steps = steps, codes = codes
  )
  said <- lapply(Filter(Negate(is.null), said), function(value) reticulate::r_to_py(told_value(value)))
  object <- asked(do.call(module("openchronic")$cohort, c(
    list(reticulate::r_to_py(told_value(what)), release_for_python(release)), said
  )))
  versions <- reticulate::py_to_r(module("builtins")$dict(object$definitions))
  structure(
    list(
      name = text_of(object$name),
      release = text_of(object$release$name),
      n_periods = as.numeric(reticulate::py_to_r(object$n_periods)),
      n_subjects = as.numeric(reticulate::py_to_r(object$n_subjects)),
      definitions = vapply(versions, as.numeric, numeric(1)),
      rows = rows_in_python(object$rows),
      periods = rows_in_python(object$periods),
      steps = rows_in_python(object$steps)
    ),
    python = object,
    html = text_of(object$flow$`_repr_html_`()),
    class = "oc_cohort"
  )
}

#' @export
print.oc_cohort <- function(x, ...) {
  cat(text_of(module("builtins")$repr(attr(x, "python"))), "\n", sep = "")
  invisible(x)
}
