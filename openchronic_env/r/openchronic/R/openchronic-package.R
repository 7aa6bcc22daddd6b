#' Parcours de soins d’Open Chronic, dans R
#'
#' Une version d’Open Chronic se lit par le moteur DuckDB, sans qu’aucune table ne soit chargée en entier. Ce paquet est
#' le pendant du paquet Python du même nom, et donne les mêmes valeurs.
#'
#' | fonction | donne |
#' |---|---|
#' | [oc_release()] | la version en service d’une base |
#' | [oc_table()] | une table de la version, à la demande : dplyr s’exécute dans DuckDB |
#' | [oc_query()] | le résultat d’une requête SQL, en data.frame |
#' | [oc_connect()] | une connexion DBI |
#' | [oc_codes()] | les codes que des mots désignent |
#' | [oc_describe()] | ce qu’est une table : colonnes, unités, sources |
#' | [oc_cohort()] | une cohorte : sujets, jours d’index, suivi, schéma de sélection |
#' | [oc_baseline()], [oc_compare()] | ce qu’est une cohorte à l’index, deux côte à côte |
#' | [oc_exposures()], [oc_pathways()] | des délivrances aux suites de traitements |
#' | [oc_sankey()], [oc_sunburst()], [oc_persistence_curve()] | leurs figures |
#' | [oc_timeline()] | le parcours d’un sujet, dans la session seulement |
#' | [oc_source()] | une table livrée, pour les projets qui y ont droit |
#' | [oc_bases()], [oc_project()] | ce que la session peut lire |
#' | [oc_factors()] | des colonnes de texte en facteurs |
#'
#' `vignette("openchronic")` les montre en un quart d’heure.
#'
#' @import methods
#' @import DBI
#' @importFrom dbplyr dbplyr_edition sql_translation db_connection_describe
#' @importFrom utils head
#' @keywords internal
"_PACKAGE"
