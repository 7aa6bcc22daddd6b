-- Stays that go on over the end of a year: parts of them are in several files.
SELECT natural_key FROM product_stay WHERE n_files > 1
