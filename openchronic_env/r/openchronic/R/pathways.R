#' Les expositions à des traitements
#'
#' D’après les délivrances de la version : une ligne par sujet, traitement et jour. Le SNDS n’a ni durée ni dose : un jour de
#' délivrance compte `days` jours, `days_large` si un grand conditionnement y est délivré, `days_hospital` à l’hôpital ;
#' plusieurs boîtes d’un même jour comptent une fois.
#'
#' @param treatments une liste qui nomme chaque traitement et ses codes : des débuts de classes ATC, ou `"CIP13:34009…"`,
#'   `"UCD:…"`.
#' @param release une version ([oc_release()]), le nom d’une base, ou une connexion ([oc_connect()]) ; sans argument, la
#'   version que la session a lue en premier.
#' @param days,days_large,days_hospital les jours que compte une délivrance.
#' @return des lignes, à la demande : `subject_id`, `treatment`, `start_date`, `end_date`. `as.data.frame()` les ramène ;
#'   [oc_pathways()] les prend telles quelles.
#' @seealso [oc_pathways()]
#' @examples
#' \dontrun{
#' oc_exposures(list(metformine = "A10BA02", insuline = c("A10AB", "A10AE")))
#' }
#' @export
oc_exposures <- function(treatments, release = NULL, days = 30, days_large = 90, days_hospital = 1) {
  named <- !is.null(names(treatments)) && all(nzchar(names(treatments)))
  if (length(treatments) == 0 || !named) {
    stop_french("treatments : une liste qui nomme chaque traitement, par exemple list(metformine = \"A10BA02\").")
  }
  rows_in_python(asked(module("openchronic")$exposures(
    reticulate::r_to_py(lapply(as.list(treatments), function(one) as.list(as.character(one)))),
    release_for_python(release),
    days = whole_of(days, "days"),
    days_large = whole_of(days_large, "days_large"),
    days_hospital = whole_of(days_hospital, "days_hospital")
  )))
}

#' Les suites de traitements d’une cohorte
#'
#' Chaque ligne de la cohorte est une période. Les expositions qui y commencent sont réunies en ères, les ères tenues
#' ensemble en étapes, et les étapes en suites ; il n’y a qu’un dénominateur, toutes les périodes de la cohorte. Dans une
#' suite, « - » est entre deux étapes et « + » entre des traitements tenus ensemble ; une suite vide est l’absence de
#' traitement.
#'
#' @param exposures ce que donne [oc_exposures()], un data.frame ou un fichier (CSV, Parquet) de colonnes `subject_id`,
#'   `treatment`, `start_date`, `end_date`.
#' @param cohort ce que donne [oc_cohort()], ou de même un data.frame ou un fichier : `subject_id`, `start_date`,
#'   `end_date`. Les jours sont inclus.
#' @param parameters un data.frame ou un fichier CSV : un jeu de paramètres par ligne, nommé par `pathway`.
#' @param ... les paramètres d’un seul jeu qui diffèrent de leur défaut : `max_gap_days = 60`, `repeats = "all"`. La commande
#'   `openchronic pathways --list-parameters` les montre tous.
#' @return des parcours : `shares` (une ligne par suite), `paths` (par période), `steps` (par étape), `adherence` et
#'   `persistence` (par période et traitement), chacun à ramener par `as.data.frame()`.
#' @seealso [oc_sankey()], [oc_sunburst()] et [oc_persistence_curve()] les dessinent.
#' @examples
#' \dontrun{
#' cohorte <- oc_cohort("diabetes", on = "onset", follow = "death or end_of_observation or 730 days")
#' parcours <- oc_pathways(oc_exposures(list(metformine = "A10BA02", insuline = "A10A")), cohorte)
#' as.data.frame(parcours$shares)
#' oc_sankey(parcours)
#' }
#' @export
oc_pathways <- function(exposures, cohort, parameters = NULL, ...) {
  sets <- if (is.data.frame(parameters)) {
    reticulate::r_to_py(lapply(seq_len(nrow(parameters)), function(row) lapply(as.list(parameters[row, , drop = FALSE]), parameter)))
  } else {
    parameters
  }
  object <- asked(do.call(module("openchronic")$pathways, c(
    list(table_for_python(exposures, "exposures"), table_for_python(cohort, "cohort"), sets),
    lapply(list(...), parameter)
  )))
  tables <- c("shares", "paths", "steps", "adherence", "persistence")
  found <- lapply(tables, function(name) rows_in_python(object[[name]]))
  names(found) <- tables
  structure(found, python = object, class = "oc_pathways")
}

#' @export
print.oc_pathways <- function(x, ...) {
  cat("<Parcours d’Open Chronic>\n")
  print(x$shares)
  invisible(x)
}

# Parameters are whole numbers, words and switches: Python reads them as the texts of a file.
parameter <- function(value) {
  if (length(value) == 0 || is.na(value)) {
    return(NULL)
  }
  if (is.logical(value)) tolower(as.character(value)) else format(value, scientific = FALSE, trim = TRUE)
}

whole_of <- function(value, name) {
  if (!is.numeric(value) || length(value) != 1 || is.na(value) || value != trunc(value)) {
    stop_french(paste0(name, " : un nombre entier."))
  }
  as.integer(value)
}
