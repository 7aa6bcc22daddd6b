-- One row per line of a detail table of the simplified product, under the column names of DCIR.
SELECT {columns}, file_year FROM {source}
