"""The builds of the named bases: a service and a timer each, in a container, as a user of their own."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.accounts import SOURCE_READERS
from infra.folders import SOUND, folder
from infra.ops import File, ensure, secret, tree, unit
from infra.ownership import Owned
from infra.settings_file import GB, ROOT
from infra.site import Base, Storage
from infra.storage import BUILDER

FILES = Path(__file__).parent / "files"
SCRIPTS = "/usr/local/lib/openchronic-server/builds"
SETTINGS = "/etc/openchronic"
ONBOARDING = "/srv/onboarding"
# Where builds and sessions find the restricted zone: a release links to its store by this path.
RESTRICTED = "/srv/openchronic-restricted"
# What openchronic keeps beside a base's store: its work, who used the zone, and what was exported into it.
ZONE = ("work", "access", "exports")
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
        files={
            "run": File((FILES / "run").read_bytes(), mode="755"),
            "folders.sh": File(SOUND.encode()),
        },
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
        for place, mode in ((base.source, None), (f"{storage.releases}/{slug}", "755")):
            folder(name=f"Make {place}", path=place, mode=mode, owner=BUILDER, group=BUILDER)
        tree(
            name=f"Say where the base {slug} may be exported to",
            dest=f"{storage.releases}/{slug}",
            files={EXPORTS: File(exports_text(base).encode(), owner=BUILDER, group=BUILDER)},
            exclusive=False,
            as_user=BUILDER,
        )
        for place, (mode, owner, group) in restricted_folders(slug, base, storage).items():
            # At once, also for sessions that run: who is no longer named reads nothing any more.
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


def zone_folder(slug: str, what: str) -> str:
    """A folder of a base, from the restricted zone's own."""
    return f"{slug}/openchronic-{slug}-{what}"


def store_folder(slug: str) -> str:
    """Where a build keeps the typed tables of a base, from the restricted zone's own folder."""
    return zone_folder(slug, "store")


def restricted_folders(slug: str, base: Base, storage: Storage) -> dict[str, tuple[str, str, str]]:
    """Of one base: octal mode, owner and group by place. What the build works in is nobody's but its own.

    The folder around them is root's: sessions have the store mounted, and a builder that owned what lies around it
    could put a link in its place. So each that openchronic uses is made here.
    """
    private = ("700", BUILDER, BUILDER)
    store = ("750", BUILDER, SOURCE_READERS) if base.source_readers else private
    return {
        f"{storage.restricted}/{slug}": ("750", "root", BUILDER),
        f"{storage.restricted}/{store_folder(slug)}": store,
        **{f"{storage.restricted}/{zone_folder(slug, what)}": private for what in ZONE},
    }


def exports_text(base: Base) -> str:
    """What `openchronic export` obeys, in sessions too: it lies beside the releases, where no analyst writes."""
    return f"folders = {json.dumps(list(base.export_folders))}\n"


def settings(slug: str, base: Base, storage: Storage) -> str:
    values = {
        "BASE": slug,
        "SOURCE": base.source,
        # In the container: the folder itself is mounted, whatever its builder made of what is in it.
        "DELIVERY": "/source" if base.synthetic is None else "/source/extraction",
        "RELEASES": storage.releases,
        "RESTRICTED": f"{storage.restricted}/{slug}",
        "STORE_GROUP": SOURCE_READERS if base.source_readers else "",
        "KEY": f"/var/lib/secrets/openchronic-{slug}.key",
        "MEMORY_MIB": str(round(base.build.memory_gb * GB / 2**20)),
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
Environment=ASKER=%n
ExecStart={SCRIPTS}/run {slug} build
# A killed client leaves its container behind: it goes with the service, and nobody else's build does. What killed the
# client may be Docker's own death: it is back within seconds.
ExecStopPost=-/bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do ids=$$(docker ps --all --quiet --filter label=openchronic.service=$$INVOCATION_ID) && break; sleep 2; done; [ -z "$$ids" ] || docker rm --force $$ids >/dev/null 2>&1'
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
