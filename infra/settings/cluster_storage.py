"""The settings of a cluster's storage: the claims of what is kept, each made by the chart or given by its name."""

from typing import Literal, Self

from pydantic import Field, model_validator

from infra.settings.cluster import ObjectName
from infra.settings.setting_forms import Text
from infra.settings.settings_file import Settings

AccessMode = Literal["ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"]


class Kind(Settings):
    storage_class: Text | None = Field(None, description="Storage class (None: storage.class_name)")
    access_mode: AccessMode = Field(
        "ReadWriteMany",
        description="ReadWriteMany, for pods of several nodes write or read it; ReadWriteOnce on one node alone",
    )


class Volume(Kind):
    size_gb: float | None = Field(
        None, gt=0, description="Size of the claim to make, in GB of 2^30 bytes"
    )
    claim: ObjectName | None = Field(
        None, description="A claim that is there already, in the work namespace (no size then)"
    )

    @model_validator(mode="after")
    def _made_or_given(self) -> Self:
        if (self.claim is None) == (self.size_gb is None):
            raise ValueError("say size_gb, for a claim that is made, or claim, for one that exists")
        if self.claim is not None and self.model_fields_set & {"storage_class", "access_mode"}:
            raise ValueError("claim: exists with its class and access mode, leave those out")
        return self


class Homes(Kind):
    access_mode: AccessMode = Field("ReadWriteOnce", description="A home is its session's alone")


class HubState(Kind):
    access_mode: AccessMode = Field("ReadWriteOnce", description="The hub is one pod")
    size_gb: float = Field(2, gt=0, description="Size of the claim, in GB of 2^30 bytes")


class ClusterStorage(Settings):
    class_name: Text | None = Field(
        None, description="Storage class of what names no other (None: the cluster's default one)"
    )
    home_quota_gb: float = Field(
        20, gt=0, description="Size of each home's claim, in GB of 2^30 bytes"
    )
    team_quota_gb: float = Field(
        100, gt=0, description="Size of a project's shared folder, in GB of 2^30 bytes"
    )
    homes: Homes = Field(Homes(), description="Homes: a claim for each member of each project")
    teams: Kind = Field(Kind(), description="Shared folders: a claim for each project")
    releases: Volume = Field(description="Published releases")
    restricted: Volume = Field(
        description="What builds keep of the SNDS files, typed, with pseudonyms"
    )
    hub_state: HubState = Field(HubState(), description="The hub's database and records")
