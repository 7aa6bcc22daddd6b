-- One row per stay, with the values of its episode. An unplanned admission is one from home through
-- the emergency unit (Formation PMSI CNAM 2020; U is 5 in later formats).
SELECT
    all_stay.*,
    episode.episode_id,
    episode.episode_order,
    episode.episode_stays,
    episode.days_since_episode,
    episode.is_readmission,
    CASE
        WHEN all_stay.entry_mode IS NOT NULL
            THEN all_stay.entry_mode = '8' AND coalesce(all_stay.entry_from IN ('5', 'U'), FALSE)
    END AS is_unplanned
FROM all_stay
INNER JOIN episode ON episode.stay_id = all_stay.stay_id
