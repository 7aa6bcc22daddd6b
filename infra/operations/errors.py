"""The error that stops a deploy with a sentence for the operator."""

from pyinfra.api.exceptions import PyinfraError


class DeployRefused(PyinfraError):
    """The deploy stops; the message has the reason and the next step."""
