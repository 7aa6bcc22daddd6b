-- A table of details of the simplified product under the names of DCIR.
SELECT {columns}, file_year FROM {source}
