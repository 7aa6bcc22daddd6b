"""Runs Python programs as forks of a process that has loaded their modules: each saves the second that this takes."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.pace import patience

LIMIT_S = 300
# The functions are kept from before the imports: gevent, which pyinfra loads, replaces them.
PARENT = """
import json, os, signal, sys, traceback
fork, waitpid = os.fork, os.waitpid
exec(sys.argv[1])
for line in sys.stdin:
    asked = json.loads(line)
    child = fork()
    if not child:
        status = 1
        try:
            for number, name in enumerate((os.devnull, *asked["said"])):
                os.dup2(os.open(name, os.O_RDWR | os.O_CREAT, 0o600), number)
            signal.alarm(asked["limit"])
            os.chdir(asked["folder"])
            os.environ.clear()
            os.environ.update(asked["env"])
            if asked["umask"] >= 0:
                os.umask(asked["umask"])
            sys.argv = asked["argv"]
            exec(asked["code"], {"__name__": "__main__", **globals()})
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    print(os.waitstatus_to_exitcode(waitpid(child, 0)[1]), flush=True)
"""


class ForkedPython:
    """A Python that has run ``modules``, lines that import them. It ends with the process that made it."""

    def __init__(self, python: Path, modules: str, *, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.parent = subprocess.Popen(
            [str(python), "-c", PARENT, modules],
            cwd=folder,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, code: str, *arguments: str, env: Mapping[str, str], umask: int = -1
    ) -> subprocess.CompletedProcess[str]:
        """Run ``code`` with these arguments, as ``python -c`` would."""
        assert self.parent.stdin is not None
        assert self.parent.stdout is not None
        with tempfile.TemporaryDirectory() as said:
            out, err = Path(said, "out"), Path(said, "err")
            asked = {
                "code": code,
                "argv": ["-c", *arguments],
                "said": [str(out), str(err)],
                "folder": str(self.folder),
                "env": dict(env),
                "umask": umask,
                "limit": int(patience(LIMIT_S)),
            }
            self.parent.stdin.write(json.dumps(asked) + "\n")
            self.parent.stdin.flush()
            answer = self.parent.stdout.readline()
            assert answer, "its modules cannot be loaded: see above"
            return subprocess.CompletedProcess(
                ["-c", *arguments], int(answer), out.read_text(), err.read_text()
            )
