"""The base of the chart's values, in camelCase, and the forms of their names, sizes and addresses."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from infra.settings.settings_file import List

__all__ = ["List"]


class Value(BaseModel):
    """Base of all values: frozen; an unknown key and a value of another type are errors, here and in the schema."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


# All patterns are read by Python's regular expressions and by those of the schema's readers.
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=63)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=31)]
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\n]*$")]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Cidr = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F.:]+/[0-9]{1,3}$")]
Host = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\[[0-9A-Fa-f:.]+\]|(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)$"
    ),
]
Resource = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+/[a-zA-Z0-9._-]+$")]
# Never a tag: what runs is what was looked at.
Image = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._:/-]*[a-z0-9]@sha256:[0-9a-f]{64}$")
]
CronSchedule = Annotated[str, StringConstraints(pattern=r"^[0-9*,/-]+( [0-9*,/-]+){4}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.][A-Za-z0-9._/-]*$")]
# Computed by identities.py.
Number = Annotated[int, Field(ge=1_000_000, lt=1_000_000 + 2**28)]
Gigabytes = Annotated[float, Field(gt=0)]
