"""The chart's values of storage: the claims of the work namespace, and who owns what is in them."""

from typing import Literal

from pydantic import Field

from infra.cluster.value_forms import Gigabytes, Label, Number, Value

StorageClass = str | None
AccessMode = Literal["ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"]


class Kind(Value):
    storage_class: StorageClass = Field(None, description="Storage class (null: the default one)")
    access_mode: AccessMode = Field(
        "ReadWriteMany", description="ReadWriteOnce will do on one node alone"
    )


class Claim(Kind):
    size_gb: Gigabytes = Field(description="Size, in units of 2^30 bytes")


class GivenClaim(Value):
    claim: Label = Field(description="A claim of the work namespace that exists already")
    # Written as nulls, which take away those of the chart's own values: Helm merges tables.
    storage_class: None = Field(None, description="None: it exists with its class")
    access_mode: None = Field(None, description="None: it exists with its access mode")
    size_gb: None = Field(None, description="None: it exists with its size")


class Homes(Claim):
    """A claim for each member and project, `home-<login>-<project>`, which the hub makes at the first session."""

    access_mode: AccessMode = Field("ReadWriteOnce", description="A session runs on one node")


class HubState(Claim):
    access_mode: AccessMode = Field("ReadWriteOnce", description="The hub is one pod")


class Storage(Value):
    homes: Homes = Field(description="Homes: one for each member of each project")
    teams: Kind = Field(Kind(), description="Shared folders: sizes are the projects' quotaGb")
    releases: Claim | GivenClaim = Field(description="Published releases, a folder a base")
    restricted: Claim | GivenClaim = Field(description="Typed tables, with pseudonyms")
    hub_state: HubState = Field(description="The hub's database and records")
    builder: Number = Field(description="Number of the user and group that build")
    source_readers: Number = Field(description="Group of those who may read typed tables")
