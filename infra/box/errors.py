"""What the box tells its operator when it cannot go on."""

OTHER_WAY = (
    "The other way: take any Debian 13 machine that you reach by SSH, describe it in "
    "infra/sites/<name>.toml (see drees.example.toml) and run `make deploy SITE=<name>`."
)


class BoxError(Exception):
    """A reason, in one or two sentences, with what to do next."""
