library(testthat)
library(openchronic)

test_check("openchronic")
