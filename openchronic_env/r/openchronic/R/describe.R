#' Ce qu’est une table
#'
#' Le dictionnaire : colonnes, types, unités, sources, clé, sens et usage d’une table d’une version ou du SNDS.
#'
#' @param name une table d’une version (`"event"`), une table du SNDS (`"ER_PRS_F"`, `"T_MCOaaB"`), un nom de fichier
#'   (`"T_MCO16B"`), ou une nomenclature (`"IR_SPE_V"`) pour ses valeurs ; sans argument, la liste des tables.
#' @return un texte, qui s’affiche mis en forme dans un carnet et dans un document R Markdown.
#' @examples
#' \dontrun{
#' oc_describe("event")
#' oc_describe()
#' }
#' @export
oc_describe <- function(name = NULL) {
  object <- asked(module("openchronic")$describe(name))
  structure(text_of(object$text), html = text_of(object$html), class = "oc_description")
}

#' @export
print.oc_description <- function(x, ...) {
  cat(unclass(x), "\n", sep = "")
  invisible(x)
}

#' @export
format.oc_description <- function(x, ...) as.character(unclass(x))

# Registered at load: knitr and repr (notebooks) may not be there.
knit_description <- function(x, ...) {
  shown <- if (knitr::is_html_output()) attr(x, "html") else paste0("```\n", unclass(x), "\n```")
  knitr::asis_output(shown)
}

html_description <- function(obj, ...) attr(obj, "html")
