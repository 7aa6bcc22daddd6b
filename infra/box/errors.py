"""The error of the disposable server, with a sentence for the operator."""

OTHER_WAY = (
    "The other way: take any Debian 13 machine that you reach by SSH, describe it in "
    "infra/sites/<name>.toml (see drees.example.toml) and run `make deploy SITE=<name>`."
)


class BoxError(Exception):
    """The box cannot go on; the message has the reason and the next step."""
