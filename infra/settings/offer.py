"""The settings of what a site offers to analysts: its bases and its session profiles."""

from pydantic import Field

from infra.settings.image_graph import GRAPH, SessionImage
from infra.settings.oncalendar import Calendar
from infra.settings.setting_forms import ServerPath, Slug, Text
from infra.settings.settings_file import List, Settings

# Memory of the system, Docker, the hub, the web server, and the files that the kernel keeps at hand.
SYSTEM_GB = 4


class Build(Settings):
    """Each is an option of `openchronic build`, by `infra/components/openchronic/build_options.py`."""

    memory_gb: float = Field(
        4, gt=0, description="Memory of the build, in GB of 2^30 bytes; beyond, it spills"
    )
    cpus: int = Field(2, ge=1, description="Processors of the build")
    max_rejects: float = Field(
        0.01, ge=0, le=1, description="Share of rejected rows of a table past which a build fails"
    )
    keep_releases: int | None = Field(
        None,
        ge=1,
        description="Newest releases that stay after a build, with those in service or in use "
        "(default: all)",
    )


class Synthetic(Settings):
    patients: int = Field(ge=1, description="Patients to make up")
    seed: int = Field(1, ge=0, description="Same seed, same files")
    years: int = Field(3, ge=1, le=20, description="Years of data")


class Base(Settings):
    source: ServerPath = Field(description="Its SNDS files on the server (default: {data}/<base>)")
    schedule: Calendar = Field(
        "Sat *-*-* 20:00:00", description="When it is built: a systemd OnCalendar expression"
    )
    export_folders: List[ServerPath] = Field(
        (),
        description="Folders on the server to which operators may export it, beside its part of the "
        "restricted zone (empty: none)",
    )
    build: Build = Field(Build(), description="Means given to its build")
    synthetic: Synthetic | None = Field(
        None, description="Make the source up (disposable servers only)"
    )


class Profile(Settings):
    title: Text = Field(description="Name that analysts read (French)")
    description: str = Field("", description="What it is for (French)")
    image: SessionImage = Field(
        GRAPH.of_sessions[0], description="Image of its sessions: of those of images/images.toml"
    )
    memory_gb: float = Field(gt=0, description="Memory limit, in GB of 2^30 bytes")
    cpus: float = Field(gt=0, description="Processor limit")
    pids: int = Field(1024, ge=128, description="Most processes and threads at once")
    shm_gb: float | None = Field(
        None,
        gt=0,
        description="Most that processes share at /dev/shm, within the memory limit (default: a quarter of memory_gb)",
    )
    gpus: int = Field(
        0, ge=0, description="Graphics cards (or slices of cards) that a session has to itself"
    )
    projects: List[Slug] = Field(
        (), description="Projects whose sessions may use it (empty: those of every project)"
    )


class Sessions(Settings):
    memory_overcommit: float = Field(
        1,
        ge=0.5,
        le=10,
        description="The memory limits of all sessions together may reach this many times the memory that is theirs",
    )
    reserved_gb: float | None = Field(
        None,
        ge=0,
        description="Memory that no session gets, in GB of 2^30 bytes (default: that of all builds at once, and "
        f"{SYSTEM_GB} GB for the system)",
    )
    user_gb: float | None = Field(
        None, gt=0, description="Most memory of one user's sessions together (default: no limit)"
    )


class Idle(Settings):
    # A session reports its activity at most every 10 s: one that computes must have several reports to be missed
    # before it counts as idle.
    cull_after_minutes: float = Field(
        120, ge=1, description="A session without activity is stopped after this long"
    )
    check_every_minutes: float = Field(5, ge=0.1, description="How often that is looked at")
    greatest_age_hours: float = Field(
        168, ge=1, description="Any session is stopped this long after its start, computing or not"
    )
