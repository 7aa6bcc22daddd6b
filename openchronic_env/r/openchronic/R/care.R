#' Les séquences de soins d’une cohorte
#'
#' Qui suit qui, et où est chaque sujet de mois en mois. Des contacts voisins d’un même nœud (généraliste, urgences, séjour…)
#' n’en font qu’un, le même jour toujours. Hors de l’observation d’un sujet rien n’est vu : bornez-y les périodes, sans quoi
#' leurs mois sont « home ».
#'
#' @param cohort ce que donne [oc_cohort()], un data.frame ou un fichier (CSV, Parquet) de colonnes `subject_id`,
#'   `start_date`, `end_date`. Les jours sont inclus.
#' @param nodes un fichier CSV qui dit quels faits sont quel soin ; sans lui, celui d’Open Chronic.
#' @param release une version ([oc_release()]), le nom d’une base, ou une connexion ([oc_connect()]) ; sans argument, la
#'   version que la session a lue en premier.
#' @param collapse_repeats `FALSE` : des contacts d’un même nœud à des jours différents restent à part.
#' @return des tableaux, chacun à ramener par `as.data.frame()` : `flow` (graphe des successions), `contacts`, `states` (état
#'   de chaque mois : death, mco, ssr, had, psy, home), et les formes que lisent TraMineR (`sts`, `spells`, `sequences`) et
#'   pm4py (`event_log`).
#' @seealso [oc_pathways()] pour les traitements.
#' @examples
#' \dontrun{
#' soins <- oc_care(oc_cohort("copd", on = "onset", follow = "death or end_of_observation or 365 days"))
#' as.data.frame(soins$flow)
#' }
#' @export
oc_care <- function(cohort, nodes = NULL, release = NULL, collapse_repeats = TRUE) {
  if (!is.logical(collapse_repeats) || length(collapse_repeats) != 1 || is.na(collapse_repeats)) {
    stop_french("collapse_repeats : TRUE ou FALSE.")
  }
  object <- asked(module("openchronic")$care(
    table_for_python(cohort, "cohort"),
    if (!is.null(nodes)) path.expand(nodes),
    release_for_python(release),
    collapse_repeats = collapse_repeats
  ))
  tables <- c("flow", "contacts", "states", "sts", "spells", "sequences", "event_log")
  found <- lapply(tables, function(name) rows_in_python(asked(object[[name]])))
  names(found) <- tables
  structure(found, python = object, class = "oc_care")
}

#' @export
print.oc_care <- function(x, ...) {
  cat("<Séquences de soins d’Open Chronic>\n")
  print(x$flow)
  invisible(x)
}
