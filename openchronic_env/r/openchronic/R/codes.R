#' Les codes que des mots désignent
#'
#' Les codes de la version dont le libellé contient tous ces mots, sans regarder accents ni majuscules. Un mot peut aussi
#' être le début du code, ou de son parent (la classe ATC d’un médicament). Les plus employés viennent d’abord.
#'
#' @param words un ou plusieurs mots, ou le début d’un code, en un seul texte.
#' @param release une version ([oc_release()]), le nom d’une base, ou une connexion ([oc_connect()]) ; sans argument, la
#'   version que la session a lue en premier.
#' @return un data.frame : nomenclature, code, libellé, parent et nombre d’événements.
#' @examples
#' \dontrun{
#' oc_codes("spirométrie")
#' oc_codes("E11")
#' }
#' @export
oc_codes <- function(words, release = NULL) {
  oc_query(text_of(asked(module("openchronic.api.codes")$query_of(words))), release)
}
