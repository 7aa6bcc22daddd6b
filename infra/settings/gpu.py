"""The settings of the server's graphics cards, which sessions get one at a time by their CDI names."""

import json
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from infra.settings.setting_forms import Url
from infra.settings.settings_file import List, LocalPath, Settings

CDI_NAME = r"^[A-Za-z][A-Za-z0-9.-]*/[A-Za-z][A-Za-z0-9_-]*=[A-Za-z0-9][A-Za-z0-9_.:-]*$"


def _one_device(name: str) -> str:
    if name.endswith("=all"):
        raise ValueError(f"{name} would give every card to one session: name each one")
    return name


def described_devices(specification: bytes) -> tuple[str, ...]:
    """Return the full names of the devices of a CDI specification in JSON. Raises ValueError where it is none."""
    said = json.loads(specification)
    try:
        names = tuple(f"{said['kind']}={device['name']}" for device in said["devices"])
        said["cdiVersion"]
    except (KeyError, TypeError) as wrong:
        raise ValueError(f"it lacks {wrong}") from None
    return names


Device = Annotated[str, StringConstraints(pattern=CDI_NAME), AfterValidator(_one_device)]


class Gpu(Settings):
    devices: List[Device] = Field(
        (),
        description="Cards, or MIG slices of cards, that sessions may have, by their CDI names (empty: none)",
    )
    cdi: LocalPath | None = Field(
        None,
        description="CDI specification of these devices: a JSON file on your machine "
        "(None: the server makes it with NVIDIA's container toolkit)",
    )
    repository: Url | None = Field(
        None, description="Mirror of NVIDIA's apt repository of its container toolkit"
    )
    repository_key: LocalPath | None = Field(
        None, description="Key that signs this repository: a file on your machine"
    )

    @field_validator("devices")
    @classmethod
    def _each_once(cls, devices: tuple[str, ...]) -> tuple[str, ...]:
        if twice := sorted({name for name in devices if devices.count(name) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        return devices
