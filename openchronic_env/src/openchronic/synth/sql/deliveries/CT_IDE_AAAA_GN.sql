SELECT
    year AS file_year,
    carto AS ID_CARTO,
    psa AS BEN_NIR_PSA,
    gem AS BEN_RNG_GEM,
    'G8' AS VERSION
FROM mapped
