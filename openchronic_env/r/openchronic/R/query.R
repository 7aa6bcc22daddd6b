#' Une table de la version, à la demande
#'
#' Rien n’est lu avant `collect()` ou un affichage : les verbes de dplyr (`filter()`, `inner_join()`, `group_by()`,
#' `summarise()`, fenêtres par `mutate()`…) deviennent une requête SQL, que DuckDB exécute. `show_query()` la montre.
#'
#' Les tables d’une même version se joignent entre elles. Un data.frame de R s’y joint avec `copy = TRUE`, ou après
#' `dplyr::copy_to(oc_table("event")$src$con, donnees, "nom")`. `compute()` garde un résultat intermédiaire dans la base de
#' la session.
#'
#' @param name le nom d’une table de la version : [oc_describe()] en donne la liste et les colonnes.
#' @param release une version ([oc_release()]), le nom d’une base, ou une connexion ([oc_connect()]) ; sans argument, la
#'   version que la session a lue en premier.
#' @return une table de dbplyr.
#' @examples
#' \dontrun{
#' library(dplyr)
#' oc_table("event") |>
#'   filter(event_type == "drug", start_date >= as.Date("2020-01-01")) |>
#'   inner_join(oc_table("patient"), by = "subject_id") |>
#'   summarise(personnes = n_distinct(subject_id), .by = sex) |>
#'   collect()
#' }
#' @export
oc_table <- function(name, release = NULL) {
  con <- shared_connection(release)
  if (!dbExistsTable(con, name)) {
    asked(python_of(con@state$release)$files(name))
  }
  dplyr::tbl(con, name)
}

#' Le résultat d’une requête SQL
#'
#' @param sql une requête de DuckDB sur les tables de la version ; `?`, `$1` ou `$nom` y tiennent la place de valeurs.
#' @param release une version ([oc_release()]), le nom d’une base, ou une connexion ([oc_connect()]) ; sans argument, la
#'   version que la session a lue en premier.
#' @param params les valeurs, une par place : une liste, nommée s’il y a des noms.
#' @param factors `TRUE` pour que les textes soient des facteurs, ou les noms des colonnes à convertir : voir [oc_factors()].
#' @return un data.frame. Une date est une `Date`, un booléen un `logical`, un montant un `double`, un identifiant un nombre
#'   exact ; une valeur absente est `NA`.
#' @examples
#' \dontrun{
#' oc_query("SELECT event_type, count(*) AS n FROM event GROUP BY ALL ORDER BY n DESC")
#' oc_query("SELECT * FROM ald WHERE start_date >= ?", params = list(as.Date("2020-01-01")))
#' }
#' @export
oc_query <- function(sql, release = NULL, params = NULL, factors = FALSE) {
  data <- dbGetQuery(shared_connection(release), sql, params = params)
  if (isFALSE(factors)) data else oc_factors(data, if (isTRUE(factors)) NULL else factors)
}

#' Des facteurs, à la demande
#'
#' Les textes restent des textes, sauf si on le demande. Les niveaux sont ceux des données, dans l’ordre des codes, le même
#' quelle que soit la langue de la session.
#'
#' @param data un data.frame.
#' @param columns les noms des colonnes ; sans argument, toutes celles de texte.
#' @return le même data.frame.
#' @examples
#' oc_factors(data.frame(sex = c("M", "F"), age = c(50, 60)))
#' @export
oc_factors <- function(data, columns = NULL) {
  if (is.null(columns)) {
    columns <- names(data)[vapply(data, is.character, NA)]
  }
  unknown <- setdiff(columns, names(data))
  if (length(unknown) > 0) {
    stop_french(paste0(
      "Pas de colonne « ", paste(unknown, collapse = ", "), " ». Colonnes : ", paste(names(data), collapse = ", "), "."
    ))
  }
  for (column in columns) {
    values <- data[[column]]
    data[[column]] <- factor(values, levels = sort(unique(values), method = "radix"))
  }
  data
}

# Where views of delivered tables are, beside those of the release.
SOURCE_SCHEMA <- "livrees"

#' Une table livrée, à la demande
#'
#' La table du SNDS telle qu’elle a été livrée, typée, avec ses pseudonymes : réservée aux projets qui y ont droit.
#' Ses colonnes sont celles du dictionnaire, et `file_year` en plus pour une table livrée par année.
#'
#' @param table le nom d’une table livrée, par exemple `"ER_PRS_F"` : [oc_describe()] la décrit.
#' @param release une version ([oc_release()]), le nom d’une base, ou une connexion ([oc_connect()]) ; sans argument, la
#'   version que la session a lue en premier.
#' @param years une année ou plusieurs : celles du flux (`FLX_DIS_DTD`) ou du fichier.
#' @return une table de dbplyr, comme [oc_table()].
#' @examples
#' \dontrun{
#' oc_source("ER_PRS_F", years = 2021)
#' }
#' @export
oc_source <- function(table, release = NULL, years = NULL) {
  con <- shared_connection(release)
  if (!is.null(years) && (!is.numeric(years) || anyNA(years) || any(years != trunc(years)))) {
    stop_french("years : une année ou plusieurs, par exemple 2021 ou 2019:2021.")
  }
  wanted <- if (is.null(years)) NULL else reticulate::r_to_py(as.list(as.integer(years)))
  query <- text_of(asked(module("openchronic.api.sources")$query(table, python_of(con@state$release), years = wanted)))
  view <- Id(schema = SOURCE_SCHEMA, table = paste(c(toupper(table), sort(unique(years))), collapse = "_"))
  dbExecute(con, paste("CREATE SCHEMA IF NOT EXISTS", SOURCE_SCHEMA))
  dbExecute(con, paste("CREATE OR REPLACE VIEW", dbQuoteIdentifier(con, view), "AS", query))
  dplyr::tbl(con, view)
}
