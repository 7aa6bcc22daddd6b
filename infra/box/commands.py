"""Runs programs on the operator's machine; a failure becomes a BoxError with their last lines."""

import subprocess
from collections.abc import Sequence

from infra.box.errors import BoxError


def run(command: Sequence[str], *, timeout_s: float = 900) -> str:
    """Return the command's standard output. Raises BoxError, with its last lines, when it fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except FileNotFoundError as error:
        raise BoxError(
            f"{command[0]} is not installed: `infra/bootstrap box` installs it."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise BoxError(f"{command[0]} gave no answer within {timeout_s:.0f} s.") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()[-8:]
        raise BoxError(f"`{' '.join(command[:6])} …` failed:\n  " + "\n  ".join(said))
    return done.stdout


def succeeds(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
