"""`openchronic build …`, and the seconds of the processor that each of its stages took, as the last line of JSON.

Usage: stages_of_build.py ARGUMENTS OF BUILD. `rest`: what is in no stage: reading files, checks, publishing.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable

from openchronic.build import making
from openchronic.build.run import Run
from openchronic.cli import main
from openchronic.models.model import Stage

cpu_s: defaultdict[str, float] = defaultdict(float)
# A build that has no such name any more stops here, and is not timed unseen.
whole_stage: Callable[[Run, Stage], None] = vars(making)["make_stage"]


def stage(run: Run, one: Stage) -> None:
    began = time.process_time()
    whole_stage(run, one)
    cpu_s[one.name] += time.process_time() - began


setattr(making, "make_stage", stage)  # noqa: B010 - it is imported there under a name of its own
status = main(["build", *sys.argv[1:]])
if status:
    sys.exit(status)
cpu_s["rest"] = time.process_time() - sum(cpu_s.values())
print(json.dumps(cpu_s))
