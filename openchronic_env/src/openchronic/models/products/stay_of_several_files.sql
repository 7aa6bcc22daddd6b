-- One row per stay that goes on over the end of a year: its parts are in several files.
SELECT natural_key FROM product_stay WHERE n_files > 1
