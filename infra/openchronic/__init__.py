"""The builds of the named bases: a service and a timer each, in a container, as a user of their own."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.accounts import SOURCE_READERS
from infra.ops import File, ensure, secret, tree, unit
from infra.ownership import Owned
from infra.settings_file import ROOT
from infra.site import Base, Storage
from infra.storage import BUILDER

FILES = Path(__file__).parent / "files"
SCRIPTS = "/usr/local/lib/openchronic-server/builds"
SETTINGS = "/etc/openchronic"
ONBOARDING = "/srv/onboarding"
# Where builds and sessions find the restricted zone: a release links to its store by this path.
RESTRICTED = "/srv/openchronic-restricted"
# Beside the releases of a base.
EXPORTS = "exports.toml"


def owned(bases: Mapping[str, Base]) -> Owned:
    units = [f"openchronic-build-{slug}.{kind}" for slug in bases for kind in ("service", "timer")]
    return Owned(units=tuple(units), directories=(SCRIPTS, SETTINGS, ONBOARDING))


@deploy("Open Chronic")
def openchronic(*, bases: Mapping[str, Base], storage: Storage) -> None:
    tree(name="Lay out the welcome pages and notebooks", dest=ONBOARDING, files=onboarding_files())
    tree(
        name="Write the build script",
        dest=SCRIPTS,
        files={"run": File((FILES / "run").read_bytes(), mode="755")},
    )
    tree(
        name="Write the bases' build settings",
        dest=SETTINGS,
        files={
            f"{slug}.env": File(settings(slug, base, storage).encode())
            for slug, base in bases.items()
        },
    )
    for slug, base in bases.items():
        secret(
            name=f"Make the key of the base {slug}",
            path=f"/var/lib/secrets/openchronic-{slug}.key",
            make="head -c 32 /dev/urandom | base64 --wrap=0",
            owner=BUILDER,
            group=BUILDER,
            mode="400",
        )
        for place in (base.source, f"{storage.releases}/{slug}"):
            ensure(
                name=f"Make {place}",
                condition=f'[ "$(stat -c %U {place})" = {BUILDER} ]',
                command=f"mkdir -p {place} && chown {BUILDER}:{BUILDER} {place}",
            )
        tree(
            name=f"Say where the base {slug} may be exported to",
            dest=f"{storage.releases}/{slug}",
            files={EXPORTS: File(exports_text(base).encode())},
            exclusive=False,
        )
        for place, wanted in restricted_folders(slug, base, storage).items():
            mode, group = wanted
            # At once, also for sessions that run: who is no longer named reads nothing any more.
            ensure(
                name=f"Open {place} to its readers alone",
                condition=f'[ "$(stat -c "%a %U %G" {place})" = "{mode} {BUILDER} {group}" ]',
                command=f"mkdir -p {place} && chmod 700 {place} && chown {BUILDER}:{group} {place} "
                f"&& chmod {mode} {place}",
            )
        if base.synthetic is not None:
            ensure(
                name=f"Make up the SNDS files of the base {slug}",
                condition=f"[ -e {base.source}/extraction/IR_BEN_R.CSV ]",
                command=shlex.join(
                    [
                        f"{SCRIPTS}/run",
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
    name = f"openchronic-build-{slug}"
    written = tree(
        name=f"Write the build service and timer of {slug}",
        dest="/etc/systemd/system",
        files={
            f"{name}.service": File(service_text(slug, base).encode()),
            f"{name}.timer": File(timer_text(slug, base).encode()),
        },
        exclusive=False,
    )
    unit(
        name=f"Schedule the builds of {slug}",
        unit=f"{name}.timer",
        watched=[f"/etc/systemd/system/{name}.timer", f"/etc/systemd/system/{name}.service"],
        changes=[written],
    )


def onboarding_files() -> dict[str, File]:
    """What analysts find in their session; the accounts file is no business of theirs."""
    folder = ROOT / "onboarding"
    return {
        str(path.relative_to(folder)): File(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix in {".md", ".ipynb", ".py", ".R"}
        and "." not in path.parent.name
    }


def store_folder(slug: str) -> str:
    """Where a build keeps the typed tables of a base, from the restricted zone's own folder."""
    return f"{slug}/openchronic-{slug}-store"


def restricted_folders(slug: str, base: Base, storage: Storage) -> dict[str, tuple[str, str]]:
    """Of one base: octal mode and group by place. What the build works in is nobody's but its own."""
    store = ("750", SOURCE_READERS) if base.source_readers else ("700", BUILDER)
    return {
        f"{storage.restricted}/{slug}": ("700", BUILDER),
        f"{storage.restricted}/{store_folder(slug)}": store,
    }


def exports_text(base: Base) -> str:
    """What `openchronic export` obeys, in sessions too: it lies beside the releases, where no analyst writes."""
    return f"folders = {json.dumps(list(base.export_folders))}\n"


def settings(slug: str, base: Base, storage: Storage) -> str:
    source = f"{base.source}/extraction" if base.synthetic is not None else base.source
    values = {
        "BASE": slug,
        "SOURCE": source,
        "SOURCE_FOLDER": base.source,
        "RELEASES": storage.releases,
        "RESTRICTED": f"{storage.restricted}/{slug}",
        "STORE_GROUP": SOURCE_READERS if base.source_readers else "",
        "KEY": f"/var/lib/secrets/openchronic-{slug}.key",
        "MEMORY_MB": str(round(base.build.memory_gb * 1000)),
        "CPUS": str(base.build.cpus),
        "MAX_REJECTS": str(base.build.max_rejects),
        "KEEP_RELEASES": str(base.build.keep_releases or ""),
        "EXPORT_FOLDERS": shlex.quote(" ".join(base.export_folders)),
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def service_text(slug: str, base: Base) -> str:
    return f"""[Unit]
Description=Build the base {slug} of Open Chronic
After=docker.service
Requires=docker.service

[Service]
Type=oneshot
ExecStart={SCRIPTS}/run {slug} build
# A killed client leaves its container behind: the next run must not find it.
ExecStopPost=-/bin/sh -c 'docker rm --force openchronic-build-{slug} >/dev/null 2>&1'
TimeoutStartSec=infinity
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateNetwork=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0077
IPAddressDeny=any
"""


def timer_text(slug: str, base: Base) -> str:
    return f"""[Unit]
Description=Build the base {slug} of Open Chronic on time

[Timer]
OnCalendar={base.schedule}
Persistent=yes
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"""
