"""The forms of what site.json holds: texts, addresses, days; and the parent of its models, which refuses unknown keys."""

import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Strict, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://")]
ServerPath = Annotated[str, StringConstraints(pattern=r"^/[^:]+$")]
# JSON has no dates.
Day = Annotated[datetime.date, Strict(False)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
