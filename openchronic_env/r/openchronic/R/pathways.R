#' Les expositions à des traitements
#'
#' D’après les délivrances de la version : une ligne par sujet, traitement et jour. Le SNDS n’a ni durée ni dose : un jour de
#' délivrance compte `days` jours, `days_large` si un grand conditionnement y est délivré, `days_hospital` à l’hôpital ;
#' plusieurs boîtes d’un même jour comptent une fois, ou chacune avec `per = "pack"`.
#'
#' @param treatments une liste qui nomme chaque traitement et ses codes : des débuts de classes ATC, ou `"CIP13:34009…"`,
#'   `"UCD:…"`.
#' @param release une version ([oc_release()]), le nom d’une base, ou une connexion ([oc_connect()]) ; sans argument, la
#'   version que la session a lue en premier.
#' @param days,days_large,days_hospital les jours que compte une délivrance.
#' @param per `"day"` ou `"pack"`.
#' @param method `"pack"`, ou `"refill"` : le délai dans lequel quatre délivrances sur cinq de ce traitement sont suivies
#'   d’une autre.
#' @param hospital_days les nuits d’hôpital : `"ignore"`, `"extend"` (prolongent l’exposition) ou `"cover"` (en sont). Pour
#'   l’adhérence seule, on garde `"ignore"` et on donne [oc_hospital_nights()] à [oc_pathways()].
#' @param classes la classe des traitements qui en ont une, `list(apixaban = "anticoagulant")` : l’adhérence, la persistance et
#'   les lignes sont alors aussi dites par classe.
#' @return des lignes, à la demande : `subject_id`, `treatment`, `start_date`, `end_date`. `as.data.frame()` les ramène ;
#'   [oc_pathways()] les prend telles quelles.
#' @seealso [oc_pathways()]
#' @examples
#' \dontrun{
#' oc_exposures(list(metformine = "A10BA02", insuline = c("A10AB", "A10AE")))
#' }
#' @export
oc_exposures <- function(treatments, release = NULL, days = 30, days_large = 90, days_hospital = 1, per = "day", method = "pack", hospital_days = "ignore", classes = NULL) {
  named <- !is.null(names(treatments)) && all(nzchar(names(treatments)))
  if (length(treatments) == 0 || !named) {
    stop_french("treatments : une liste qui nomme chaque traitement, par exemple list(metformine = \"A10BA02\").")
  }
  rows_in_python(asked(module("openchronic")$exposures(
    reticulate::r_to_py(lapply(as.list(treatments), function(one) as.list(as.character(one)))),
    release_for_python(release),
    days = whole_of(days, "days"),
    days_large = whole_of(days_large, "days_large"),
    days_hospital = whole_of(days_hospital, "days_hospital"),
    per = per, method = method, hospital_days = hospital_days,
    classes = if (!is.null(classes)) reticulate::r_to_py(lapply(as.list(classes), as.character))
  )))
}

#' Les nuits d’hôpital
#'
#' Celles des séjours de MCO, de réadaptation et de psychiatrie, les séjours contigus étant réunis ; sans les séances ni les
#' hospitalisations de jour ou de nuit.
#'
#' @inheritParams oc_exposures
#' @return des lignes, à la demande : `subject_id`, `start_date`, `end_date` (la dernière nuit, la veille de la sortie).
#' @seealso [oc_pathways()], qui les retire de l’adhérence.
#' @examples
#' \dontrun{
#' oc_pathways(expositions, cohorte, hospital = oc_hospital_nights())
#' }
#' @export
oc_hospital_nights <- function(release = NULL) {
  rows_in_python(asked(module("openchronic")$hospital_nights(release_for_python(release))))
}

#' Les suites de traitements d’une cohorte
#'
#' Chaque ligne de la cohorte est une période. Les expositions qui y commencent sont réunies en ères, les ères tenues
#' ensemble en étapes, et les étapes en suites ; il n’y a qu’un dénominateur, toutes les périodes de la cohorte. Dans une
#' suite, « - » est entre deux étapes et « + » entre des traitements tenus ensemble ; une suite vide est l’absence de
#' traitement.
#'
#' @param exposures ce que donne [oc_exposures()], un data.frame ou un fichier (CSV, Parquet) de colonnes `subject_id`,
#'   `treatment`, `start_date`, `end_date` ; ou, sans cohorte, le nom d’un parcours que la version contient (`"copd"`,
#'   `"diabetes"`, `"heart_failure"`, `"atrial_fibrillation"`).
#' @param cohort ce que donne [oc_cohort()], ou de même un data.frame ou un fichier : `subject_id`, `start_date`,
#'   `end_date`. Les jours sont inclus.
#' @param parameters un data.frame ou un fichier CSV : un jeu de paramètres par ligne, nommé par `pathway`.
#' @param release la version d’un parcours qu’elle contient ; sans argument, celle que la session a lue en premier.
#' @param hospital ce que donne [oc_hospital_nights()], ou de même `subject_id`, `start_date`, `end_date` : des nuits que
#'   l’adhérence retire du dénominateur, et qui prolongent d’autant ce qui a été acheté (`hospital_days = "extend"`, le défaut).
#' @param ... les paramètres d’un seul jeu qui diffèrent de leur défaut : `max_gap_days = 60`, `repeats = "all"`. La commande
#'   `openchronic pathways --list-parameters` les montre tous.
#' @return des parcours : `shares` (une ligne par suite), `paths` (par période), `steps` (par étape), `adherence` et
#'   `persistence` (par période, traitement et classe : `level`), chacun à ramener par `as.data.frame()`.
#' @seealso [oc_lines()] ; [oc_sankey()], [oc_sunburst()] et [oc_persistence_curve()] les dessinent.
#' @examples
#' \dontrun{
#' cohorte <- oc_cohort("diabetes", on = "onset", follow = "death or end_of_observation or 730 days")
#' parcours <- oc_pathways(oc_exposures(list(metformine = "A10BA02", insuline = "A10A")), cohorte)
#' as.data.frame(parcours$shares)
#' oc_sankey(parcours)
#' }
#' @export
oc_pathways <- function(exposures, cohort = NULL, parameters = NULL, release = NULL, hospital = NULL, ...) {
  sets <- if (is.data.frame(parameters)) {
    reticulate::r_to_py(lapply(seq_len(nrow(parameters)), function(row) lapply(as.list(parameters[row, , drop = FALSE]), parameter)))
  } else {
    parameters
  }
  object <- asked(do.call(module("openchronic")$pathways, c(
    list(
      table_for_python(exposures, "exposures"),
      if (!is.null(cohort)) table_for_python(cohort, "cohort"),
      sets,
      release = if (is.null(cohort)) release_for_python(release),
      hospital = if (!is.null(hospital)) table_for_python(hospital, "hospital")
    ),
    lapply(list(...), parameter)
  )))
  tables <- c("shares", "paths", "steps", "adherence", "persistence")
  found <- lapply(tables, function(name) rows_in_python(object[[name]]))
  names(found) <- tables
  structure(found, python = object, class = "oc_pathways")
}

#' Les lignes de traitement d’un parcours
#'
#' @param pathways ce que donne [oc_pathways()].
#' @return des lignes, à la demande : une par ligne de traitement, avec ses traitements (`regimen`), ses jours, et ce qui
#'   l’ouvre.
#' @examples
#' \dontrun{
#' as.data.frame(oc_lines(parcours))
#' }
#' @export
oc_lines <- function(pathways) {
  rows_in_python(asked(pathways_in_python(pathways)$lines))
}

pathways_in_python <- function(pathways) {
  if (!inherits(pathways, "oc_pathways")) {
    stop_french("pathways : ce que donne oc_pathways().")
  }
  attr(pathways, "python")
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
