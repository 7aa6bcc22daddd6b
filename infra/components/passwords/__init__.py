"""Installs the helper that changes a password: the hub, which may not write the shadow file, asks it over a socket."""

from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.operations.ops import File, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.accounts import ANALYSTS
from infra.settings.logins import Logins

FILES = Path(__file__).parent / "files"
# pam_pwquality's library judges passwords; without cracklib's dictionary it refuses all of them.
PACKAGES = ("cracklib-runtime", "libpam-pwquality")
UNITS = (layout.CHANGE_SOCKET_UNIT, layout.CHANGE_UNIT)


def owned(logins: Logins) -> Owned:
    """Return what belongs to it; nothing where passwords are not this server's, which then has no helper."""
    if logins.kind != "pam":
        return Owned()
    return Owned(units=UNITS, directories=(layout.CHANGE_SCRIPTS,))


@deploy("Passwords")
def passwords(*, logins: Logins) -> None:
    if logins.kind != "pam":
        return
    tree(
        name="Write the helper that changes passwords",
        dest=layout.CHANGE_SCRIPTS,
        files={
            name: File((FILES / name).read_bytes())
            for name in ("change_password.py", "strength.py")
        },
    )
    units = tree(
        name="Write its units", dest=layout.UNITS, files=unit_files(logins), exclusive=False
    )
    unit(
        name="Listen for changes of passwords",
        unit=layout.CHANGE_SOCKET_UNIT,
        watched=[f"{layout.UNITS}/{name}" for name in UNITS],
        changes=[units],
        ready=f"[ -S {layout.CHANGE_SOCKET} ]",
    )


def unit_files(logins: Logins) -> dict[str, File]:
    given = {
        "ANALYSTS_GROUP": ANALYSTS,
        "LEAST_LENGTH": logins.password_min_length,
        "LEAST_CLASSES": logins.password_min_classes,
    }
    return {name: File(rendered_file(FILES / name, **given)) for name in UNITS}
