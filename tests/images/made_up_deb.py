"""Makes a small Debian package with the layout of RStudio Server's: what it leaves in an image is what that one would."""

import shutil
import subprocess
from pathlib import Path

from infra.settings.settings_file import ROOT

STAND_IN = ROOT / "images/rstudio/stand-in-rserver"
SAYS = "MADE-UP"
CONTROL = """Package: rstudio-server
Version: 2026.09.0+174
Architecture: amd64
Maintainer: tests <tests@example.invalid>
Description: a made-up package with the layout of RStudio Server's
"""
# As its installer does: a user, a link to its script, and a key that every copy of the image would share.
AFTERWARDS = """#!/bin/sh
set -e
ln -sf /usr/lib/rstudio-server/bin/rstudio-server /usr/sbin/rstudio-server
mkdir -p /var/lib/rstudio-server
echo shared-by-all > /var/lib/rstudio-server/secure-cookie-key
[ ! -e /etc/rstudio ] || echo shared-by-all > /etc/rstudio/secure-cookie-key
invoke-rc.d rstudio-server start || true
"""
SERVICE = "#!/bin/sh\nexec /usr/lib/rstudio-server/bin/rserver --server-daemonize=1\n"


def made_up_deb(folder: Path) -> Path:
    """Build the package in a folder, and return its file."""
    tree = folder / "tree"
    programs = tree / "usr/lib/rstudio-server/bin"
    programs.mkdir(parents=True)
    (tree / "DEBIAN").mkdir()
    (tree / "etc/rstudio").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(CONTROL)
    (tree / "DEBIAN/postinst").write_text(AFTERWARDS)
    (tree / "DEBIAN/postinst").chmod(0o755)
    (programs / "rserver").write_text(STAND_IN.read_text().replace("STAND-IN", SAYS))
    (programs / "rstudio-server").write_text(SERVICE)
    shutil.copy("/bin/true", programs / "rserver-pam")
    for program in programs.iterdir():
        program.chmod(0o755)
    (programs / "rserver-pam").chmod(0o4755)
    (tree / "etc/rstudio/rserver.conf").write_text("# of the package\n")
    file = folder / "rstudio-server.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(file)],
        check=True,
        capture_output=True,
    )
    return file
