# The first answer in R, with the package of the project. Usage: Rscript first_answer.R, with OPENCHRONIC_RELEASES set.
# Prints, as first_answer.py does, seconds and those of the processor, and the number of events.
began <- proc.time()
library(openchronic)
loaded <- proc.time()
con <- oc_connect()
numbers <- DBI::dbGetQuery(con, "SELECT count(*) AS n FROM event GROUP BY event_type")$n
answered <- proc.time()
taken <- function(since, until) {
  sprintf("[[%.3f, %.3f]]", (until - since)[["elapsed"]], sum((until - since)[c("user.self", "sys.self")]))
}
cat(sprintf('\n{"rows": %.0f, "taken": {"import": %s, "first answer": %s}}\n',
            sum(as.numeric(numbers)), taken(began, loaded), taken(loaded, answered)))
