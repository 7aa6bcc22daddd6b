-- One row per person of the cartography of one year, with the subject: NULL where no pair leads to
-- a subject, or where the pairs lead to several.
SELECT
    ind.ID_CARTO,
    CASE WHEN count(DISTINCT subject.subject_id) = 1 THEN min(subject.subject_id) END AS subject_id,
    count(DISTINCT subject.subject_id) AS n_subjects
FROM ct_ind_aaaa_gn AS ind
LEFT JOIN ct_ide_aaaa_gn AS ide ON ide.ID_CARTO = ind.ID_CARTO
LEFT JOIN known_pair AS pair ON pair.BEN_NIR_PSA = ide.BEN_NIR_PSA
    AND pair.BEN_RNG_GEM = coalesce(ide.BEN_RNG_GEM, -1)
LEFT JOIN subject ON subject.natural_id = pair.natural_id AND NOT pair.is_left_out
GROUP BY ind.ID_CARTO
