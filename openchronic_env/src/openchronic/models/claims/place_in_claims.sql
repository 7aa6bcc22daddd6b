-- Where people live, in every way in which the claims at hand write it.
SELECT DISTINCT dpt, com, body FROM trait
