"""`make demo`: builds a release of 10,000 invented patients on this machine, without a server."""

import subprocess
import sys
import time
from pathlib import Path

from infra.settings.settings_file import ROOT, shown

OPENCHRONIC = Path(sys.executable).parent / "openchronic"
FOLDER = ROOT / "build" / "demo"
PATIENTS, SEED, YEARS = 10_000, 1, 3

NEXT = """
Built in {seconds:.0f} s. The first query to try, the long-term conditions that most patients have:

  export OPENCHRONIC_RELEASES={releases}
  {python} - <<'EOF'
  import openchronic as oc

  print(oc.connect().sql(\"\"\"
      SELECT ald_number, count(DISTINCT subject_id) AS patients, min(start_date) AS first_onset
      FROM ald GROUP BY ald_number ORDER BY patients DESC LIMIT 10
  \"\"\"))
  EOF

and what the release holds:

  {openchronic} info
"""


def main() -> int:
    started = time.monotonic()
    source, releases = FOLDER / "snds", FOLDER / "releases"
    FOLDER.mkdir(parents=True, exist_ok=True)
    made_up = ["--patients", str(PATIENTS), "--seed", str(SEED), "--years", str(YEARS), "--force"]
    for command in (
        ["synth", shown(source), *made_up],
        ["build", shown(source), shown(releases), "--base", "demo"],
    ):
        print(f"\n$ openchronic {' '.join(command)}", flush=True)
        done = subprocess.run([OPENCHRONIC, *command], cwd=ROOT, check=False)
        if done.returncode != 0:
            return done.returncode
    print(
        NEXT.format(
            seconds=time.monotonic() - started,
            python=shown(Path(sys.executable)),
            openchronic=shown(OPENCHRONIC),
            releases=shown(releases),
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
