-- One row per criterion of a definition: its bit in the masks, its codes, their status, its rule.
SELECT * FROM told_criterion
