#' Les passages d’une étape à la suivante
#'
#' Un diagramme de Sankey des premières étapes. Les suites de moins de 11 personnes, ou de moins de 1 % des périodes, sont
#' réunies.
#'
#' @param pathways ce que donne [oc_pathways()].
#' @param pathway le jeu de paramètres, s’il y en a plusieurs.
#' @param steps combien d’étapes.
#' @param title le titre ; sans argument, celui de ce qui est dessiné.
#' @return une figure : `data` (les nombres dessinés, un data.frame), `title`, `description`, `notes`, `svg`. Elle s’affiche
#'   dans un carnet et dans un document R Markdown ; [oc_save()] l’écrit.
#' @examples
#' \dontrun{
#' figure <- oc_sankey(parcours)
#' figure$data
#' oc_save(figure, "suites.svg")
#' }
#' @export
oc_sankey <- function(pathways, pathway = NULL, steps = 4, title = NULL) {
  drawn(pathways, "sankey", list(pathway = pathway, steps = whole_of(steps, "steps"), title = title))
}

#' Les étapes d’un parcours, en anneaux
#'
#' Les mêmes suites que [oc_sankey()], la première étape au centre ; celles de moins de 2,5 % des périodes sont réunies.
#'
#' @inheritParams oc_sankey
#' @return une figure, comme [oc_sankey()].
#' @examples
#' \dontrun{
#' oc_sunburst(parcours)
#' }
#' @export
oc_sunburst <- function(pathways, pathway = NULL, steps = 3, title = NULL) {
  drawn(pathways, "sunburst", list(pathway = pathway, steps = whole_of(steps, "steps"), title = title))
}

#' La persistance des traitements
#'
#' Les courbes de Kaplan-Meier des jours jusqu’au premier arrêt. Chaque palier réunit 11 arrêts au moins, ou aucun ; une courbe
#' s’interrompt avant les derniers arrêts s’ils sont moins de 11, et quand moins de 11 personnes sont suivies.
#'
#' @inheritParams oc_sankey
#' @param treatments les traitements, `""` pour tous ensemble ; sans argument, les six premiers.
#' @param level `"treatment"`, ou `"class"` : les courbes des classes de traitements.
#' @return une figure, comme [oc_sankey()].
#' @examples
#' \dontrun{
#' oc_persistence_curve(parcours, c("metformine", "insuline"))
#' }
#' @export
oc_persistence_curve <- function(pathways, treatments = NULL, pathway = NULL, title = NULL, level = "treatment") {
  named <- if (is.null(treatments)) NULL else reticulate::r_to_py(as.list(as.character(treatments)))
  drawn(pathways, "persistence_curve", list(treatments = named, pathway = pathway, title = title, level = level))
}

#' Le parcours d’un sujet
#'
#' Une frise, fait par fait, et ses lignes. Ce sont des **données individuelles** : elles se regardent dans la session et ne
#' sortent pas du serveur, même dans un carnet.
#'
#' @param subject un `subject_id`.
#' @param release une version ([oc_release()]), le nom d’une base, ou une connexion ([oc_connect()]) ; sans argument, la
#'   version que la session a lue en premier.
#' @param since,until les jours, inclus, entre lesquels elle est dessinée.
#' @return une figure, comme [oc_sankey()] ; [oc_save()] ne l’écrit qu’avec `individual = TRUE`.
#' @examples
#' \dontrun{
#' oc_timeline(123456789, since = "2018-01-01")
#' }
#' @export
oc_timeline <- function(subject, release = NULL, since = NULL, until = NULL) {
  figure_of(asked(module("openchronic")$timeline(
    subject, release_for_python(release),
    since = told_value(since), until = told_value(until)
  )))
}

#' Écrit une figure dans un fichier
#'
#' @param figure une figure ([oc_sankey()], [oc_timeline()]…).
#' @param file un nom qui finit par `.svg`.
#' @param individual `TRUE` pour écrire une figure qui montre une personne, dans un dossier qui ne sort pas du serveur.
#' @return le chemin du fichier, sans l’afficher.
#' @examples
#' \dontrun{
#' oc_save(oc_sankey(parcours), "suites.svg")
#' }
#' @export
oc_save <- function(figure, file, individual = FALSE) {
  if (!inherits(figure, "oc_figure")) {
    stop_french("figure : ce que donnent oc_sankey(), oc_sunburst(), oc_persistence_curve() ou oc_timeline().")
  }
  asked(attr(figure, "python")$save(path.expand(file), individual = isTRUE(individual)))
  invisible(file)
}

drawn <- function(pathways, kind, arguments) {
  figure_of(asked(do.call(pathways_in_python(pathways)[[kind]], Filter(Negate(is.null), arguments))))
}

figure_of <- function(object) {
  structure(
    list(
      title = text_of(object$title),
      description = text_of(object$description),
      notes = texts_of(object$notes),
      data = as.data.frame(rows_in_python(object$data)),
      svg = text_of(object$svg)
    ),
    python = object,
    class = "oc_figure"
  )
}

#' @export
print.oc_figure <- function(x, ...) {
  cat(x$title, x$description, sep = "\n")
  invisible(x)
}

html_figure <- function(obj, ...) obj$svg

# Pandoc would read marks of its own in a picture that is not fenced.
fenced_html <- function(html) paste0("```{=html}\n", html, "\n```")

knit_figure <- function(x, ...) {
  shown <- if (knitr::is_html_output()) fenced_html(x$svg) else paste0(x$title, "\n\n", x$description)
  knitr::asis_output(shown)
}

html_summary <- function(obj, ...) attr(obj, "html")

knit_summary <- function(x, ...) {
  shown <- if (knitr::is_html_output()) fenced_html(attr(x, "html")) else paste0("```\n", text_of(module("builtins")$repr(attr(x, "python"))), "\n```")
  knitr::asis_output(shown)
}
