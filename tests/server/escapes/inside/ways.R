# What R may try by itself: commands, files, downloads, sockets. A line an attempt: its name, a tab, what became of it.
# Rscript ways.R ADDRESS-OF-THE-HUB'S-API ADDRESS-OF-THE-MIRROR
given <- commandArgs(TRUE)

tell <- function(name, answer) cat(name, "\t", paste(answer, collapse = " "), "\n", sep = "")

attempt <- function(name, code) {
  answer <- tryCatch(
    {
      force(code)
      "ok"
    },
    error = function(problem) "refused",
    warning = function(problem) "refused"
  )
  tell(name, answer)
}

socket <- function(host, port) close(socketConnection(host, port, open = "r+", timeout = 4))
page <- function(address) {
  options(timeout = 4)
  connection <- url(address)
  on.exit(close(connection))
  readLines(connection, warn = FALSE)
}
command <- function(...) {
  if (system2(..., stdout = FALSE, stderr = FALSE) != 0) stop("refused")
}
hub <- strsplit(sub("^http://", "", given[[1]]), "[:/]")[[1]]

# Controls: each way works where it may.
attempt("control: a command", command("true"))
attempt("control: a file", writeLines("x", tempfile()))
attempt("control: a socket", socket(hub[[1]], as.integer(hub[[2]])))
attempt("control: a page", page(given[[1]]))

tell("its user", system("id -u", intern = TRUE))
tell("its capabilities", system("grep -h ^CapEff /proc/self/status", intern = TRUE))
tell("new privileges", system("grep -h ^NoNewPrivs /proc/self/status", intern = TRUE))

attempt("system() as root", command("sudo", c("-n", "id")))
attempt("system(), unshare", command("unshare", c("-r", "id")))
attempt("a file of R itself", writeLines("x", file.path(R.home(), "x")))
attempt("a package of R", writeLines("x", file.path(.libPaths()[[1]], "x")))
attempt("a setting of all sessions of R", writeLines("x", "/etc/R/Rprofile.site"))
attempt("a socket to the Internet", socket("1.1.1.1", 443))
attempt("url() of the mirror", page(given[[2]]))
attempt("download.file() of the mirror", {
  if (download.file(given[[2]], tempfile(), quiet = TRUE) != 0) stop("refused")
})
attempt("download.file() by curl", {
  if (download.file(given[[2]], tempfile(), method = "curl", quiet = TRUE) != 0) stop("refused")
})
attempt("install.packages()", {
  install.packages("R6", repos = given[[2]], lib = tempdir(), quiet = TRUE)
  if (!dir.exists(file.path(tempdir(), "R6"))) stop("refused")
})
