"""Projects: a session sees what is its project's, and nothing of another one."""

from collections.abc import Iterator

import pytest

from infra.settings import layout
from infra.settings.cluster_file import Target
from tests.server.machine import Machine
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel
from tests.smoke.session import Session

LISTED = "sorted(os.listdir({0!r})) if os.path.isdir({0!r}) else []"


@pytest.fixture(scope="module")
def without_bases(colleague: Hub) -> Iterator[Session]:
    """Give the colleague's session, whose project has no base."""
    kernel = Kernel(colleague)
    yield Session(kernel)
    kernel.close()


def test_a_session_sees_the_bases_of_its_project_and_no_other(
    session: Session, without_bases: Session, site: Target
) -> None:
    """a session sees the bases of its project, and no other base is there

    @HUB_CONFIGURATION@/site.json on the server; `docker inspect session-<login>`
    """
    mine = session.value(LISTED.format(layout.RELEASES))
    assert mine == sorted(site.bases), f"a project with every base shows {mine}"
    theirs = without_bases.value(LISTED.format(layout.RELEASES))
    assert theirs == [], f"a project without a base shows {theirs}"
    for base in site.bases:
        for place in (f"{layout.RELEASES}/{base}", f"/proc/1/root{layout.RELEASES}/{base}"):
            assert not without_bases.value(f"os.path.lexists({place!r})"), f"{place} is there"


def test_a_session_shares_the_folder_of_its_project_alone(
    session: Session, without_bases: Session, server: Machine
) -> None:
    """a session writes in the shared folder of its project, and sees that of no other

    @PROJECT_FOLDERS@ and @TEAMS@ on the server
    """
    for one in (session, without_bases):
        project = one.value("os.environ['OPENCHRONIC_PROJECT']")
        own = f"{layout.TEAMS}/{project}"
        one.run(f"open('{own}/smoke-test', 'w').write('x'); os.unlink('{own}/smoke-test')")
        seen = one.value(LISTED.format(layout.TEAMS))
        assert [name for name in seen if not name.startswith(".")] == [project]
        gid = int(server.succeed(f"getent group projet-{project} | cut -d: -f3"))
        held = set(one.value("os.getgroups()"))
        others = server.succeed("getent group | grep '^projet-' | cut -d: -f3").split()
        assert gid in held, "it is not in its project's group: nothing is proven"
        assert held & {int(other) for other in others} == {gid}


def test_the_projects_folders_are_kept(server: Machine) -> None:
    """every open project has its folder with a snapshot of today, and what has ended is read-only

    `@KEEP_FOLDERS@ check` and `journalctl --unit=@KEEP_UNIT@` on the server
    """
    done = server.execute(f"{layout.KEEP_FOLDERS} check")
    assert done.status == 0, f"to do: {done.out}"
