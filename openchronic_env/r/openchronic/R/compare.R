#' Ce qu’est une cohorte à l’index
#'
#' Âge, sexe, résidence, maladies déjà présentes, durée de suivi. L’affichage masque les effectifs de moins de 11 personnes.
#'
#' @param cohort ce que donne [oc_cohort()].
#' @param diseases des définitions de maladies ; sans argument, toutes celles de la version.
#' @return un tableau : `rows` a les nombres exacts, à ramener par `as.data.frame()`.
#' @examples
#' \dontrun{
#' oc_baseline(oc_cohort("diabetes", on = "onset"), c("hypertension_treated", "heart_failure"))
#' }
#' @export
oc_baseline <- function(cohort, diseases = NULL) {
  summary_of(asked(cohort_in_python(cohort, "cohort")$baseline(names_for_python(diseases))), "rows")
}

#' Deux cohortes côte à côte
#'
#' Ce qu’elles sont à l’index, avec les différences standardisées, et leurs durées de suivi. L’affichage masque les effectifs
#' de moins de 11 personnes.
#'
#' @param a,b ce que donne [oc_cohort()], deux fois sur la même version.
#' @param diseases des définitions de maladies ; sans argument, toutes celles de la version.
#' @param event la fin de suivi (`end_reason`) qui est l’événement.
#' @return un tableau : `rows` (une ligne par modalité, `smd` est la différence standardisée) et `durations` (une ligne par
#'   période, à donner à `survfit(Surv(days, event) ~ cohort)` de survival), à ramener par `as.data.frame()`.
#' @examples
#' \dontrun{
#' hommes <- oc_cohort("diabetes", name = "hommes", on = "onset", steps = list(list(sex = "M")))
#' femmes <- oc_cohort("diabetes", name = "femmes", on = "onset", steps = list(list(sex = "F")))
#' oc_compare(hommes, femmes)
#' }
#' @export
oc_compare <- function(a, b, diseases = NULL, event = "death") {
  first <- cohort_in_python(a, "a")
  second <- cohort_in_python(b, "b")
  summary_of(
    asked(module("openchronic")$compare(first, second, diseases = names_for_python(diseases), event = event)),
    c("rows", "durations")
  )
}

cohort_in_python <- function(cohort, name) {
  if (!inherits(cohort, "oc_cohort")) {
    stop_french(paste0(name, "\u00a0: ce que donne oc_cohort()."))
  }
  attr(cohort, "python")
}

names_for_python <- function(names) if (is.null(names)) NULL else reticulate::r_to_py(as.list(as.character(names)))

summary_of <- function(object, tables) {
  found <- lapply(tables, function(name) rows_in_python(object[[name]]))
  names(found) <- tables
  structure(found, python = object, html = text_of(object$`_repr_html_`()), class = "oc_summary")
}

#' @export
print.oc_summary <- function(x, ...) {
  cat(text_of(module("builtins")$repr(attr(x, "python"))), "\n", sep = "")
  invisible(x)
}
