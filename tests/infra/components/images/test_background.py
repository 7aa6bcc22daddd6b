"""The build in the background starts whatever became of the one that an earlier deploy started."""

import os
import subprocess
from pathlib import Path

from infra.components.images.operation import in_background

# As systemd: it refuses the name of a unit that it still knows, and calls one that is ending inactive.
SYSTEMD_RUN = r"""#!/bin/bash
for one; do [[ $one == --unit=* ]] && unit=${one#--unit=}; done
mkdir "$KNOWN/$unit" 2> /dev/null && exit
echo "Failed to start transient service unit: Unit $unit.service was already loaded or has a fragment file." >&2
exit 1
"""


def test_a_build_that_is_still_ending_does_not_keep_the_next_from_starting(tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.mkdir()
    for name, text in (("systemd-run", SYSTEMD_RUN), ("systemctl", "#!/bin/bash\nexit 3\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    for number in (1, 2):
        done = subprocess.run(
            ["sh", "-c", in_background("build-images base=1")],
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "KNOWN": str(known)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        units = [one.name for one in known.iterdir()]
        assert len(units) == number
        assert all(one.startswith("openchronic-images-") for one in units), units
