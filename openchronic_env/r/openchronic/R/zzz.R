.onLoad <- function(libname, pkgname) {
  registerS3method("sql_escape_date", "OpenChronicConnection", sql_escape_date.OpenChronicConnection, asNamespace("dbplyr"))
  registerS3method("sql_escape_datetime", "OpenChronicConnection", sql_escape_datetime.OpenChronicConnection, asNamespace("dbplyr"))
  when_loaded("knitr", "knit_print", "oc_description", knit_description)
  when_loaded("repr", "repr_html", "oc_description", html_description)
  when_loaded("knitr", "knit_print", "oc_figure", knit_figure)
  when_loaded("repr", "repr_html", "oc_figure", html_figure)
  for (shown in c("oc_cohort", "oc_summary")) {
    when_loaded("knitr", "knit_print", shown, knit_summary)
    when_loaded("repr", "repr_html", shown, html_summary)
  }
  reg.finalizer(python, let_go, onexit = TRUE)
}

# Registers a method of a generic whose package may be loaded later, or never.
when_loaded <- function(package, generic, class, method) {
  register <- function(...) registerS3method(generic, class, method, asNamespace(package))
  if (isNamespaceLoaded(package)) {
    register()
  }
  setHook(packageEvent(package, "onLoad"), register)
}
