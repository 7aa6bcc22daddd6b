"""Reads pip's settings on this machine and translates them for uv, which does not read them.

It uses the standard library only: the bootstrap runs it before anything is installed.
"""

import configparser
import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

# pip's option, uv's environment variable, and the separator of several values in the latter.
UV_VARIABLES = (
    ("index-url", "UV_DEFAULT_INDEX", " "),
    ("extra-index-url", "UV_INDEX", " "),
    ("find-links", "UV_FIND_LINKS", ","),
    ("trusted-host", "UV_INSECURE_HOST", " "),
    ("no-index", "UV_NO_INDEX", " "),
    ("timeout", "UV_HTTP_TIMEOUT", " "),
    ("cert", "SSL_CERT_FILE", " "),
)


def pip_settings(
    *,
    root: Path = Path("/"),
    home: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return pip's options by their long names, from its files, then from its environment variables."""
    found: dict[str, str] = {}
    for file in _files(root, home or Path.home(), environment):
        found |= _read(file)
    for key, value in environment.items():
        if key.startswith("PIP_") and value:
            found[_option(key.removeprefix("PIP_"))] = value
    return found


def uv_environment(environment: Mapping[str, str] = os.environ, **where: Path) -> dict[str, str]:
    """Return the environment variables that make uv use pip's indexes; those already set are left out."""
    found = pip_settings(environment=environment, **where)
    wanted = {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "true"}
    for option, variable, separator in UV_VARIABLES:
        values = found.get(option, "").split()
        if option == "find-links":
            # pip ignores a folder that does not exist; uv fails.
            values = [value for value in values if "://" in value or Path(value).is_dir()]
        if values:
            wanted[variable] = separator.join(values)
    if "UV_INDEX" in wanted:
        # As pip does: the best version of all indexes. It is safe, since the lock has every file's hash.
        wanted["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in wanted.items() if name not in environment}


def _files(root: Path, home: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the paths of pip's configuration files; a later one overrides an earlier one."""
    yield root / "etc/xdg/pip/pip.conf"
    yield root / "etc/pip.conf"
    yield home / ".pip/pip.conf"
    yield Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf"
    if environment.get("PIP_CONFIG_FILE"):
        yield Path(environment["PIP_CONFIG_FILE"])


def _read(file: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    return {
        _option(key): " ".join(value.split())
        for section in ("global", "install")
        if parser.has_section(section)
        for key, value in parser.items(section)
        if value
    }


def _option(key: str) -> str:
    name = key.lower().replace("_", "-").lstrip("-")
    return "timeout" if name == "default-timeout" else name


if __name__ == "__main__":
    for name, value in uv_environment().items():
        print(f"export {name}={shlex.quote(value)}")
