# The connection of DBI, over Python's.

#' Connexions et résultats
#'
#' Les classes de DBI d’une connexion ([oc_connect()]) et de ses résultats. Toutes les fonctions de DBI s’y appliquent :
#' `dbGetQuery()`, `dbSendQuery()` et `dbFetch(n = )`, `dbListTables()`, `dbListFields()`, `dbWriteTable()`, `dbExecute()`…
#'
#' @param object,conn,res,dbObj une connexion ou un résultat.
#' @param statement une requête SQL de DuckDB ; `?`, `$1` ou `$nom` y tiennent la place de valeurs.
#' @param params les valeurs, une par place : une liste, nommée s’il y a des noms.
#' @param n combien de lignes ; -1 pour toutes celles qui restent.
#' @param name,prefix une table : un nom, ou `DBI::Id(schema = , table = )`.
#' @param value un data.frame.
#' @param temporary si la table n’existe que pour cette connexion. Aucune n’en dure plus longtemps que la session.
#' @param overwrite,append si la table peut exister, pour être remplacée ou complétée.
#' @param field.types,fields les types SQL des colonnes, par leur nom.
#' @param row.names doit être faux : les noms des lignes ne sont pas écrits.
#' @param fail_if_missing si l’absence de la table est une erreur.
#' @param ... sans effet.
#' @name openchronic-dbi
#' @aliases OpenChronicConnection-class OpenChronicResult-class
#' @keywords internal
NULL

#' @rdname openchronic-dbi
#' @exportClass OpenChronicConnection
setClass("OpenChronicConnection", contains = "DBIConnection", slots = c(state = "environment"))

#' Une connexion à la version
#'
#' Chaque table de la version y est une vue. Ce qui y est écrit (`dbWriteTable()`, `copy_to()`, `compute()`) reste dans la
#' session, et disparaît avec elle : une version ne change jamais.
#'
#' @param release une version ([oc_release()]), le nom d’une base ou `"base@@identifiant"` ; sans argument, la version que la
#'   session a lue en premier.
#' @param bigint les entiers de plus de 32 bits : `"numeric"`, exacts jusqu’à 2^53 et refusés au-delà, ou `"character"`, en
#'   texte. Aucun n’est jamais arrondi.
#' @return une connexion DBI, à fermer par `DBI::dbDisconnect()`.
#' @seealso [oc_table()] et [oc_query()], qui n’en demandent pas.
#' @examples
#' \dontrun{
#' con <- oc_connect()
#' DBI::dbGetQuery(con, "SELECT sex, count(*) AS n FROM patient GROUP BY sex")
#' DBI::dbGetQuery(con, "SELECT * FROM ald WHERE start_date >= ?", params = list(as.Date("2020-01-01")))
#' dplyr::tbl(con, "event")
#' DBI::dbDisconnect(con)
#' }
#' @export
oc_connect <- function(release = NULL, bigint = c("numeric", "character")) {
  con <- open_connection(pinned(release), match.arg(bigint))
  show_in_pane(con)
  con
}

open_connection <- function(release, bigint) {
  state <- new.env(parent = emptyenv())
  state$release <- release
  state$transaction <- FALSE
  state$duck <- asked(for_r()$Connection(python_of(release), whole = bigint))
  new("OpenChronicConnection", state = state)
}

# The session's own connection to each release: lazy tables of one connection can be joined.
shared <- new.env(parent = emptyenv())

shared_connection <- function(release = NULL) {
  if (inherits(release, "OpenChronicConnection")) {
    return(release)
  }
  chosen <- pinned(release)
  key <- paste(chosen$path, chosen$sample)
  if (is.null(shared[[key]]) || !dbIsValid(shared[[key]])) {
    shared[[key]] <- open_connection(chosen, "numeric")
    show_in_pane(shared[[key]])
  }
  shared[[key]]
}

# Returns the connection of Python.
duck_of <- function(conn) {
  if (!dbIsValid(conn)) {
    stop_french("Cette connexion est fermée : ouvrez-en une autre par oc_connect().")
  }
  conn@state$duck
}

close_quietly <- function(state) {
  if (!is.null(state$duck)) {
    try(state$duck$close(), silent = TRUE)
    state$duck <- NULL
  }
}

#' @rdname openchronic-dbi
#' @export
setMethod("dbIsValid", "OpenChronicConnection", function(dbObj, ...) !is.null(dbObj@state$duck))

#' @rdname openchronic-dbi
#' @export
setMethod("dbDisconnect", "OpenChronicConnection", function(conn, ...) {
  if (!dbIsValid(conn)) {
    warning("Cette connexion est déjà fermée.", call. = FALSE)
  } else {
    hide_from_pane(conn)
  }
  close_quietly(conn@state)
  invisible(TRUE)
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbGetInfo", "OpenChronicConnection", function(dbObj, ...) {
  list(
    dbname = dbObj@state$release$name,
    db.version = text_of(module("duckdb")$`__version__`),
    username = NULL, host = NULL, port = NULL
  )
})

#' @rdname openchronic-dbi
#' @export
setMethod("show", "OpenChronicConnection", function(object) {
  release <- object@state$release
  if (dbIsValid(object)) {
    cat("<Connexion à Open Chronic : ", described(release), ">\n", sep = "")
  } else {
    cat("<Connexion fermée à Open Chronic : ", release$name, ">\n", sep = "")
  }
})

described <- function(release) {
  drawn <- if (is.null(release$sample)) "" else paste0(", échantillon de ", format(release$sample * 100), " %")
  paste0(release$name, drawn)
}

#' @rdname openchronic-dbi
#' @export
setMethod("dbBegin", "OpenChronicConnection", function(conn, ...) {
  dbExecute(conn, "BEGIN")
  invisible(TRUE)
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbCommit", "OpenChronicConnection", function(conn, ...) {
  dbExecute(conn, "COMMIT")
  invisible(TRUE)
})

#' @rdname openchronic-dbi
#' @export
setMethod("dbRollback", "OpenChronicConnection", function(conn, ...) {
  dbExecute(conn, "ROLLBACK")
  invisible(TRUE)
})
