"""The pathways of treatments of diabetes, of all who take them in a release. Usage: pathways_of_release.py RELEASE.

Prints the seconds of the processor, without the start of Python, and the number of periods.
"""

import json
import sys
import time
from pathlib import Path

import openchronic as oc
from openchronic.releases import open_release

TREATMENTS = {
    "metformine": "A10BA",
    "sulfamide": "A10BB",
    "gliptine": "A10BH",
    "glitazone": "A10BX",
    "insuline": "A10A",
}
COHORT = """SELECT exposure.subject_id, min(exposure.start_date) AS start_date, max(observation_period.end_date) AS end_date
    FROM exposure JOIN observation_period ON observation_period.subject_id = exposure.subject_id
    GROUP BY exposure.subject_id HAVING max(observation_period.end_date) >= min(exposure.start_date)"""

began = time.process_time()
exposures = oc.exposures(TREATMENTS, open_release(Path(sys.argv[1]).resolve()))
made = oc.pathways(exposures, exposures.query("exposure", COHORT))
told = [
    *(made.shares, made.steps, made.paths, made.adherence, made.persistence),
]
rows = [len(one.fetchall()) for one in told]
print(json.dumps({"cpu_s": time.process_time() - began, "periods": rows[2]}))
