"""Installs the builds of the bases: for each, a service and a timer that run openchronic in a container."""

import json
import shlex
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.components.openchronic.build_options import memory_mib, options
from infra.operations.folders import SOUND, folder
from infra.operations.ops import File, ensure, secret, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.accounts import SOURCE_READERS
from infra.settings.offer import Base
from infra.settings.settings_file import ROOT
from infra.settings.site import Storage

FILES = Path(__file__).parent / "files"
# The kinds of units of each base.
KINDS = ("timer", "service")
# The file, beside a base's releases, that names the folders for exports; openchronic reads it (restricted/leaving.py).
EXPORTS = "exports.toml"
# Texts of onboarding/ that are pages of the web server.
OF_THE_WEB = ("mentions-legales.md", "accessibilite.md")


def owned(bases: Mapping[str, Base]) -> Owned:
    units = [f"{layout.build_unit(slug)}.{kind}" for slug in bases for kind in KINDS]
    return Owned(
        units=tuple(units), directories=(layout.BUILD_SCRIPTS, layout.BUILDS, layout.ONBOARDING)
    )


@deploy("Open Chronic")
def openchronic(
    *,
    bases: Mapping[str, Base],
    storage: Storage,
    typed: Collection[str],
    lab_help: Mapping[str, File],
) -> None:
    """`typed`: the bases whose typed tables some project reads."""
    tree(
        name="Lay out the welcome pages and notebooks",
        dest=layout.ONBOARDING,
        files={**onboarding_files(), **lab_help},
    )
    tree(
        name="Write the build script",
        dest=layout.BUILD_SCRIPTS,
        files={
            "run": File(script(), mode="755"),
            "folders.sh": File(SOUND.encode()),
        },
    )
    tree(
        name="Write the bases' build settings",
        dest=layout.BUILDS,
        files={
            f"{slug}.env": File(settings(slug, base, storage, typed=slug in typed).encode())
            for slug, base in bases.items()
        },
    )
    for slug, base in bases.items():
        secret(
            name=f"Make the key of the base {slug}",
            path=layout.build_key(slug),
            make="head -c 32 /dev/urandom | base64 --wrap=0",
            owner=layout.BUILDER,
            group=layout.BUILDER,
            mode="400",
        )
        for place, mode in ((base.source, None), (f"{storage.releases}/{slug}", "755")):
            folder(
                name=f"Make {place}",
                path=place,
                mode=mode,
                owner=layout.BUILDER,
                group=layout.BUILDER,
            )
        tree(
            name=f"Say where the base {slug} may be exported to",
            dest=f"{storage.releases}/{slug}",
            files={
                EXPORTS: File(
                    exports_text(base).encode(), owner=layout.BUILDER, group=layout.BUILDER
                )
            },
            exclusive=False,
            as_user=layout.BUILDER,
        )
        for place, (mode, owner, group) in restricted_folders(
            slug, storage, typed=slug in typed
        ).items():
            # Running sessions of projects that lost their right can no longer read it from now on.
            folder(
                name=f"Open {place} to its readers alone",
                path=place,
                mode=mode,
                owner=owner,
                group=group,
            )
        if base.synthetic is not None:
            ensure(
                name=f"Make up the SNDS files of the base {slug}",
                condition=f"[ -e {base.source}/extraction/IR_BEN_R.CSV ]",
                command=shlex.join(
                    [
                        layout.BUILD_RUN,
                        slug,
                        "synth",
                        "--patients",
                        str(base.synthetic.patients),
                        "--seed",
                        str(base.synthetic.seed),
                        "--years",
                        str(base.synthetic.years),
                    ]
                ),
            )
        _schedule(slug, base)


def _schedule(slug: str, base: Base) -> None:
    name = layout.build_unit(slug)
    units = build_units(slug, base)
    written = tree(
        name=f"Write the build service and timer of {slug}",
        dest=layout.UNITS,
        files=units,
        exclusive=False,
    )
    unit(
        name=f"Schedule the builds of {slug}",
        unit=f"{name}.timer",
        watched=[f"{layout.UNITS}/{one}" for one in units],
        changes=[written],
    )


def build_units(slug: str, base: Base) -> dict[str, File]:
    """Return a base's unit files by name, the timer first."""
    return {
        f"{layout.build_unit(slug)}.{kind}": File(
            rendered_file(FILES / f"build.{kind}", BASE=slug, SCHEDULE=base.schedule)
        )
        for kind in KINDS
    }


def script() -> bytes:
    return rendered_file(FILES / "run")


def onboarding_files() -> dict[str, File]:
    """Return the files that analysts find in their sessions: onboarding/ without the accounts and the README."""
    folder = ROOT / "onboarding"
    return {
        str(path.relative_to(folder)): File(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name != "README.md"
        and path.suffix in {".md", ".ipynb", ".py", ".R", ".Rmd"}
        and "." not in path.parent.name
        and path.name not in OF_THE_WEB
    }


def store_folder(slug: str) -> str:
    """Return the folder of a base's typed tables, relative to the restricted zone."""
    return f"{slug}/{layout.zone_folder(slug, layout.ZONE_STORE)}"


def restricted_folders(
    slug: str, storage: Storage, *, typed: bool
) -> dict[str, tuple[str, str, str]]:
    """Return the octal mode, owner and group of a base's folders in the restricted zone, by path.

    Their parent belongs to root: sessions have the store mounted, and a builder that owned the parent could replace the
    store by a link. So the builder cannot make these folders itself, and each is made here.
    """
    private = ("700", layout.BUILDER, layout.BUILDER)
    store = ("750", layout.BUILDER, SOURCE_READERS) if typed else private
    zone = f"{storage.restricted}/{slug}"
    inside = dict.fromkeys(layout.ZONE, private) | {layout.ZONE_STORE: store}
    return {
        zone: ("750", "root", layout.BUILDER),
        **{f"{zone}/{layout.zone_folder(slug, what)}": mode for what, mode in inside.items()},
    }


def exports_text(base: Base) -> str:
    """Return the text of the file that limits `openchronic export`. Analysts cannot write to its folder."""
    return f"folders = {json.dumps(list(base.export_folders))}\n"


def settings(slug: str, base: Base, storage: Storage, *, typed: bool) -> str:
    values = {
        "BASE": slug,
        "SOURCE": base.source,
        # Path in the container. The source itself is mounted there, and its subfolder, which the builder can replace, is
        # resolved inside the container only.
        "DELIVERY": "/source" if base.synthetic is None else "/source/extraction",
        "RELEASES": storage.releases,
        "RESTRICTED": f"{storage.restricted}/{slug}",
        "ZONE_FOLDERS": _array(layout.zone_folder(slug, what) for what in layout.ZONE),
        "EXPORTS": layout.zone_folder(slug, layout.ZONE_EXPORTS),
        "STORE_GROUP": SOURCE_READERS if typed else "",
        "KEY": layout.build_key(slug),
        # A quarter more than the build may take, for memory that DuckDB does not count.
        "CONTAINER_MIB": str(memory_mib(base.build) * 5 // 4),
        "CPUS": str(base.build.cpus),
        "BUILD_OPTIONS": _array(options(base.build)),
        "EXPORT_FOLDERS": shlex.quote(" ".join(base.export_folders)),
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _array(words: Iterable[str]) -> str:
    """Return an array of bash, which sources the settings."""
    return f"({shlex.join(words)})"
