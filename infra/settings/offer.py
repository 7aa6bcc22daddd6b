"""The settings of what a site offers to analysts: its bases and its session profiles."""

from pydantic import Field

from infra.settings.image_graph import GRAPH, SessionImage
from infra.settings.oncalendar import Calendar
from infra.settings.setting_forms import ServerPath, Text, UnixName
from infra.settings.settings_file import List, Settings


class Build(Settings):
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
    source_readers: List[UnixName] = Field(
        (),
        description="Groups of the accounts file whose sessions read its delivered tables, typed "
        "(empty: nobody)",
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
    groups: List[UnixName] = Field((), description="Who may use it (empty: every analyst)")


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
