-- The rows of `trait`, with the residence in codes of the INSEE.
SELECT
    trait.subject_id,
    trait.month,
    trait.scheme,
    place.department,
    place.commune,
    trait.birth_year,
    trait.death_day,
    trait.death_month_end,
    trait.first_known,
    trait.last_known,
    trait.n_lines
FROM trait
INNER JOIN place ON place.dpt = trait.dpt AND place.com = trait.com AND place.body = trait.body
