"""What stops a deploy before it writes anything."""

from pyinfra.api.exceptions import PyinfraError


class DeployRefused(PyinfraError):
    """A reason, with what to do next."""
