"""`installed_pages.py FOLDER`: writes one page in French on the packages of each language that the image has."""

import importlib.metadata
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

TITLE = "# Ce qui est installé : {language}\n\n{language} {version}, {count} paquets. {more}\n\n"
PYTHON_MORE = (
    "Un paquet s’utilise par `import`. Une session n’a pas accès à Internet : pour un autre paquet, "
    "écrivez à l’assistance."
)
R_MORE = (
    "Un paquet s’utilise par `library()`. Une session n’a pas accès à Internet ni donc au CRAN : pour un autre "
    "paquet, écrivez à l’assistance. `rmarkdown` écrit du HTML et du Word ; il n’y a pas de LaTeX, ni donc de PDF."
)
R_LIST = (
    'p <- installed.packages(fields = "Title"); p <- p[!duplicated(p[, "Package"]), ];'
    'cat(paste(p[, "Package"], p[, "Version"], gsub("[[:space:]]+", " ", p[, "Title"]), sep = "\\t"), sep = "\\n")'
)
Package = tuple[str, str, str]


def python_packages() -> list[Package]:
    found = {
        re.sub(r"[-_.]+", "-", one.name).lower(): (
            one.name,
            one.version,
            one.metadata.get("Summary") or "",
        )
        for one in importlib.metadata.distributions()
    }
    return [found[name] for name in sorted(found)]


def r_packages() -> list[Package]:
    said = subprocess.run(
        ["/usr/bin/Rscript", "--vanilla", "-e", R_LIST], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split("\t") for line in said.splitlines() if line]
    return sorted(((name, version, title) for name, version, title in rows), key=_letters)


def _letters(package: Package) -> str:
    return package[0].lower()


def r_version() -> str:
    said = subprocess.run(
        ["/usr/bin/Rscript", "--vanilla", "-e", "cat(as.character(getRversion()))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout


def page(language: str, version: str, more: str, packages: Sequence[Package]) -> str:
    head = TITLE.format(language=language, version=version, count=len(packages), more=more)
    return head + "".join(_table(packages))


def _table(packages: Iterable[Package]) -> Iterable[str]:
    yield "| Paquet | Version | Contenu (en anglais) |\n|---|---|---|\n"
    for name, version, summary in packages:
        yield f"| {name} | {version} | {' '.join(summary.split()).replace('|', chr(92) + '|')} |\n"


def main() -> None:
    folder = Path(sys.argv[1])
    (folder / "Python.md").write_text(
        page("Python", platform.python_version(), PYTHON_MORE, python_packages())
    )
    (folder / "R.md").write_text(page("R", r_version(), R_MORE, r_packages()))


if __name__ == "__main__":
    main()
