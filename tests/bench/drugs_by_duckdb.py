"""The floor of drug events: scan, join, sum and sort by hand in DuckDB. Usage: drugs_by_duckdb.py FILES TARGET.

FILES: JSON, the typed Parquet files by table. The same rows as a build, column by column of `drug_rows.py`. What it does
not do: no file is checked, no filter is counted, no event gets an identifier and no day an order; a line delivered twice
is taken for a whole copy; all months are joined at once, in as much memory as that takes; nothing is dealt into buckets.
"""

import json
import sys
import time
from pathlib import Path

import duckdb

from openchronic.nomenclatures import load_nomenclature

KEY = (
    "FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM, "
    "PRS_ORD_NUM, REM_TYP_AFF"
)
fictive = ", ".join(
    f"'{row['code']}'" for row in load_nomenclature("nir_kind") if row["fictive"] == "1"
)
PAIR = f"""
    WITH record AS (
        SELECT
            BEN_NIR_PSA, BEN_RNG_GEM, lpad(BEN_CDI_NIR, 2, '0') AS kind,
            coalesce(BEN_IDT_TOP = 1, BEN_IDT_ANO = BEN_NIR_ANO, false) AS own,
            coalesce(
                CASE WHEN BEN_IDT_ANO NOT ILIKE 'xxxxxxxxxxxxxxxx%' THEN BEN_IDT_ANO END,
                CASE WHEN coalesce(BEN_IDT_TOP, 1) = 1 AND BEN_NIR_ANO NOT ILIKE 'xxxxxxxxxxxxxxxx%'
                    THEN BEN_NIR_ANO END,
                CASE WHEN BEN_NIR_PSA NOT ILIKE 'xxxxxxxxxxxxxxxx%' THEN BEN_NIR_PSA || BEN_RNG_GEM END
            ) AS identity,
            (coalesce(MAX_TRT_DTD, DATE '0001-01-01'), coalesce(BEN_DTE_MAJ, DATE '0001-01-01'), own) AS age
        FROM ir_ben_r
    )
    SELECT
        BEN_NIR_PSA, BEN_RNG_GEM,
        coalesce(
            arg_max(identity, age) FILTER (own AND identity IS NOT NULL),
            arg_max(identity, age) FILTER (identity IS NOT NULL)
        ) AS identity,
        arg_max(kind, age) FILTER (kind IS NOT NULL) AS kind,
        coalesce(arg_max(kind, age) FILTER (kind IS NOT NULL) IN ({fictive}), false) AS is_fictive
    FROM record
    GROUP BY BEN_NIR_PSA, BEN_RNG_GEM
"""  # noqa: S608
PERSON = """
    SELECT identity, CAST(row_number() OVER () AS INTEGER) AS person
    FROM (SELECT DISTINCT identity FROM pair WHERE NOT is_fictive AND identity IS NOT NULL)
"""
DRUGS = f"""
    WITH facility AS (
        SELECT
            {KEY},
            coalesce(max(ETE_IND_TAA) FILTER (ETE_IND_TAA = 1), max(ETE_IND_TAA)) AS taa,
            coalesce(min(ETE_MCO_DDP) FILTER (ETE_MCO_DDP NOT IN ('Z', 'X')), min(ETE_MCO_DDP)) AS ddp,
            min(PRS_PPU_SEC) AS sector,
            coalesce(min(ETB_EXE_FIN) FILTER (ETE_IND_TAA IN (1, 2)), min(ETB_EXE_FIN)) AS facility_id
        FROM er_ete_f
        GROUP BY {KEY}
    ),
    claim AS (
        SELECT DISTINCT
            {KEY}, BEN_NIR_PSA, BEN_RNG_GEM, EXE_SOI_DTD, lpad(BEN_CDI_NIR, 2, '0') AS kind, PFS_EXE_NUM,
            PFS_PRE_NUM, PSP_SPE_COD
        FROM er_prs_f
        WHERE EXE_SOI_DTD IS NOT NULL
            AND (DPN_QLF = 71 OR PRS_DPN_QLP = 71) IS NOT TRUE
            AND (CPL_MAJ_TOP >= 2) IS NOT TRUE
            AND (CPL_AFF_COD = 16) IS NOT TRUE
            AND (BSE_PRS_NAT = 0) IS NOT TRUE
            AND (RGM_GRG_COD = 1 AND RGM_COD = 888) IS NOT TRUE
    ),
    drug AS (
        SELECT DISTINCT
            {KEY}, PHA_ORD_NUM, PHA_PRS_C13, PHA_PRS_IDE, PHA_DEC_TOP, PHA_DEC_QSU, PHA_ACT_QSN
        FROM er_pha_f
        WHERE PHA_PRS_C13 > 0 OR PHA_PRS_IDE > 0
    ),
    line AS (
        SELECT
            person,
            EXE_SOI_DTD AS start_date,
            FLX_DIS_DTD AS known_date,
            CASE
                WHEN taa = 1 OR (taa IS DISTINCT FROM 2 AND ddp NOT IN ('Z', 'X') AND sector = 1)
                    THEN 'public_hospital'
                WHEN taa = 2 OR ddp NOT IN ('Z', 'X') THEN 'private_clinic'
                ELSE 'city'
            END AS care_setting,
            CASE WHEN PHA_PRS_C13 > 0 THEN 'CIP13' ELSE 'CIP7' END AS vocabulary,
            CASE WHEN PHA_PRS_C13 > 0 THEN CAST(PHA_PRS_C13 AS VARCHAR)
                ELSE lpad(CAST(PHA_PRS_IDE AS VARCHAR), 7, '0') END AS code,
            coalesce(PHA_DEC_TOP = 'D', false) AS by_unit,
            CASE WHEN by_unit THEN PHA_DEC_QSU ELSE PHA_ACT_QSN END AS quantity,
            PFS_EXE_NUM, PFS_PRE_NUM, PSP_SPE_COD, facility_id
        FROM drug
        JOIN claim USING ({KEY})
        JOIN pair USING (BEN_NIR_PSA, BEN_RNG_GEM)
        JOIN person USING (identity)
        LEFT JOIN facility USING ({KEY})
        WHERE NOT pair.is_fictive AND (pair.kind IS NOT NULL OR (claim.kind IN ({fictive})) IS NOT TRUE)
            AND (taa = 1) IS NOT TRUE
    )
    SELECT
        person, start_date, min(known_date) AS known_date, max(care_setting) AS care_setting, vocabulary, code,
        CAST(sum(quantity) AS DOUBLE) AS quantity, PFS_PRE_NUM AS provider_id,
        CAST(min(PSP_SPE_COD) AS VARCHAR) AS provider_specialty, min(facility_id) AS facility_id,
        CAST(count(*) AS INTEGER) AS n_source_rows,
        nullif(concat_ws(',', CASE WHEN min(quantity) < 0 THEN 'regularised' END,
            CASE WHEN bool_or(by_unit) THEN 'by_unit' END), '') AS flags
    FROM line
    GROUP BY person, start_date, vocabulary, code, PFS_EXE_NUM, PFS_PRE_NUM
    HAVING sum(quantity) > 0
    ORDER BY person, start_date, code
"""  # noqa: S608

files, target = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
target.mkdir(parents=True)
connection = duckdb.connect(config={"preserve_insertion_order": False})
connection.execute("SET enable_progress_bar = false")
began, began_cpu = time.perf_counter(), time.process_time()
for table, paths in files.items():
    scanned = (
        f"SELECT * FROM read_parquet({paths}, hive_partitioning = false) WHERE _reject IS NULL"  # noqa: S608
    )
    connection.execute(f"CREATE VIEW {table.lower()} AS {scanned}")
connection.execute(f"CREATE TABLE pair AS {PAIR}")
connection.execute(f"CREATE TABLE person AS {PERSON}")
for name, query in (("drug", DRUGS), ("person", "FROM person")):
    connection.execute(
        f"COPY ({query}) TO '{target}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)"
    )
print(json.dumps({"s": time.perf_counter() - began, "cpu_s": time.process_time() - began_cpu}))
