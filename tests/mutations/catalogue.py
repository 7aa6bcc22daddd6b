"""What is made wrong, and which tests ought to notice: mutations.toml, read strictly."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from infra.operations.rendering import rendered

CATALOGUE = Path(__file__).parent / "mutations.toml"

Text = Annotated[str, StringConstraints(min_length=1)]


class Mutation(BaseModel):
    """One setting of a file on the server, and how the change takes effect."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Text
    file: Annotated[str, StringConstraints(pattern=r"^/[^\s]+$")]
    """As deployed."""
    before: Text = Field(alias="from")
    """What stands there once, and once only."""
    after: str = Field(alias="to")
    how: Literal["reload", "restart", "none"]
    """Of `unit`; `none`: whoever uses the file reads it each time."""
    unit: Text | None = None
    new_session: bool = False
    """In force with the next session that starts."""
    tests: list[Text] = Field(min_length=1)
    """Node ids of pytest: one of them must fail."""

    @model_validator(mode="after")
    def _consistent(self) -> Mutation:
        if (self.unit is None) != (self.how == "none"):
            raise ValueError("a unit is what is reloaded or restarted: how says which, or none")
        if self.before == self.after:
            raise ValueError("nothing is changed")
        return self


class Catalogue(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    mutation: list[Mutation] = Field(min_length=1)


def load(place: Path = CATALOGUE) -> list[Mutation]:
    return Catalogue.model_validate(
        tomllib.loads(rendered(place.read_text(encoding="utf-8")))
    ).mutation


def chosen(mutations: list[Mutation], word: str) -> list[Mutation]:
    """Those with this word in their name, file or tests; all without a word."""
    word = word.lower()
    return [
        one
        for one in mutations
        if word in " ".join((one.name, one.file, one.unit or "", *one.tests)).lower()
    ]
