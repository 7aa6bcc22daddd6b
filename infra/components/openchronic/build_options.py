"""Turns a base's [build] settings into the options of `openchronic build`."""

from infra.settings.offer import Build
from infra.settings.settings_file import GB

# A setting is the option of its own name (`max_rejects`: --max-rejects), but for these.
NAMES = {"memory_gb": "--memory", "cpus": "--threads", "keep_releases": "--keep"}


def memory_mib(build: Build) -> int:
    return round(build.memory_gb * GB / 2**20)


def options(build: Build) -> list[str]:
    """Return the options: one with its value, a flag for true, one for each item of a list; none for a setting that is left
    out, false or empty."""
    values = build.model_dump() | {"memory_gb": f"{memory_mib(build)}MiB"}
    found: list[str] = []
    for name, value in values.items():
        option = NAMES.get(name, f"--{name.replace('_', '-')}")
        if value is True:
            found += [option]
        elif value is not None and value is not False:
            items = value if isinstance(value, tuple | list) else [value]
            found += [word for item in items for word in (option, str(item))]
    return found
