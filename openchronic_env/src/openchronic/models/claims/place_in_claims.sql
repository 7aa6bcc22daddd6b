-- One row per spelling of a residence in the claims that were read.
SELECT DISTINCT dpt, com, body FROM trait
