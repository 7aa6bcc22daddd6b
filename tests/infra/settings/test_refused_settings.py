"""Site files that are refused: errors with their places and reasons, all at once."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.settings import site_file
from infra.settings.settings_from_machine import MachinePackages
from infra.settings.site import SiteError
from infra.settings.site_file import load_site
from tests.infra.settings.conftest import MINIMAL, MIRRORS, Read


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace this machine by one that sets Debian's mirrors only."""
    monkeypatch.setattr(site_file, "packages_from_machine", lambda: MIRRORS)


def errors(read: Read, **change: str) -> list[str]:
    with pytest.raises(SiteError) as refused:
        read(**change)
    return [
        re.sub(r"^\S*essai\.toml(:\d+)?: ", "", line) for line in str(refused.value).splitlines()
    ]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("memory_gb = 2", "memory_gb = 0", "profiles.petite.memory_gb: Input should be greater than 0"),
        ("memory_gb = 2", "memory_gb = inf", "profiles.petite.memory_gb: Input should be a finite number"),
        ("memory_gb = 2", "", "profiles.petite.memory_gb: is required: Memory limit, in GB of 2^30 bytes"),
        ("memory_gb = 2", "memory_go = 2\nmemory_gb = 2", "profiles.petite.memory_go: no such setting, did you mean memory_gb?"),
        ("cpus = 1", 'cpus = 1\nimage = "rstudio"', "profiles.petite.image: rstudio is no image of sessions; there are: jupyter"),
        ('"own"', '"files"', 'tls: authority = "files" needs both certificate and key'),
        ("[access]", "[acces]", "acces: no such setting, did you mean access?"),
        ('["durand"]', '["durant"]', "access.operators: must name durand, or a deploy would lock itself out"),
        ('source_readers = []', 'source = "snds"', "bases.cohorte.source: 'snds' does not have the form"),
        ('source_readers = []', 'schedule = "Satur 20:00"', "bases.cohorte.schedule: 'Satur 20:00' is not a systemd calendar"),
        ('source_readers = []', 'synthetic.patients = 9', "bases.cohorte.synthetic: is for disposable servers ([box]) only"),
        ("[bases.cohorte]", "[bases.Cohorte]", "bases.Cohorte: 'Cohorte' does not have the form"),
        ("[tls]", "[storage]\nhomes_loop_gb = 4\n[tls]", "storage: homes_loop_gb makes the homes' mount, require_mounts wants one: drop one"),
        ("[tls]", '[storage]\nhomes = "/srv/snds"\n[tls]', "storage: homes, data, releases, restricted and docker must be five different places"),
        ("[tls]", '[storage]\nrestricted = "/srv/openchronic"\n[tls]', "storage: homes, data, releases, restricted and docker must be five different places"),
        ("[tls]", '[storage]\nrestricted = "/srv/openchronic/typed"\n[tls]', "storage: restricted must lie neither in /srv/openchronic nor around it"),
        ("[tls]", '[storage]\nrestricted = "/srv"\n[tls]', "storage: restricted must lie neither in /srv/homes nor around it"),
        ('source_readers = []', 'source_readers = "sources"', "bases.cohorte.source_readers: Input should be a list, not a text: 'sources'"),
        ('source_readers = []', 'source_readers = ["a b"]', "bases.cohorte.source_readers[0]: 'a b' does not have the form"),
        ('source_readers = []', 'source_readers = ["sources", "source"]', "bases.cohorte.source_readers[1]: no account of infra/sites/box.accounts.toml is in a group source, did you mean sources? Groups there: calcul, sources"),
        ('source_readers = []', 'source_readers = ["analysts"]', "bases.cohorte.source_readers[0]: every account is in analysts; name a group of those who may"),
        ('source_readers = []', 'source_readers = ["demo"]', "bases.cohorte.source_readers[0]: no account of infra/sites/box.accounts.toml is in a group demo. Groups there: calcul, sources"),
        ('source_readers = []', 'source_readers = ["openchronic-source"]', "bases.cohorte.source_readers[0]: no account of infra/sites/box.accounts.toml is in a group openchronic-source"),
        ("cpus = 1", 'cpus = 1\ngroups = ["calcul", "calcu"]', "profiles.petite.groups[1]: no account of infra/sites/box.accounts.toml is in a group calcu, did you mean calcul? Groups there: calcul, sources"),
        ("cpus = 1", 'cpus = 1\ngroups = ["analysts"]', "profiles.petite.groups[0]: every account is in analysts; name a group of those who may"),
        ("cpus = 1", 'cpus = 1\ngroups = ["docker"]', "profiles.petite.groups[0]: no account of infra/sites/box.accounts.toml is in a group docker."),
        ("memory_gb = 2", 'memory_gb = "16"', "profiles.petite.memory_gb: Input should be a valid number, not a text: '16'"),
        ("memory_gb = 2", "memory_gb = true", "profiles.petite.memory_gb: Input should be a valid number, not a boolean: True"),
        ("cpus = 1", "cpus = 1\npids = 1024.0", "profiles.petite.pids: Input should be a valid integer, not a number: 1024.0"),
        ("cpus = 1", "cpus = 1\npids = false", "profiles.petite.pids: Input should be a valid integer, not a boolean: False"),
        ("ssh.user", 'ssh.port = "22"\nssh.user', "server.ssh.port: Input should be a valid integer, not a text: '22'"),
        ("ssh.user", "ssh.key = 1\nssh.user", "server.ssh.key: Input is not a valid path, not a number: 1"),
        ('title = "Essai"', "title = 2021", "title: Input should be a valid text, not a number: 2021"),
        ("[tls]", '[storage]\nrequire_mounts = "no"\n[tls]', "storage.require_mounts: Input should be a valid boolean, not a text: 'no'"),
        ("[tls]", "[storage]\nrequire_mounts = 0\n[tls]", "storage.require_mounts: Input should be a valid boolean, not a number: 0"),
        ('source_readers = []', 'export_folders = "/srv/exports"', "bases.cohorte.export_folders: Input should be a list, not a text: '/srv/exports'"),
        ("[access]", "[idle]\ncull_after_minutes = 1979-05-27\n[access]", "idle.cull_after_minutes: Input should be a valid number, not a date"),
        ('source_readers = []', 'build.keep_releases = 0', "bases.cohorte.build.keep_releases: Input should be greater than or equal to 1"),
        ('source_readers = []', 'source = "/srv/snds"', "bases.cohorte.source: /srv/snds lies in it; give the base a folder of its own"),
        ('source_readers = []', 'source = "/srv"', "bases.cohorte.source: /srv/homes lies in it; give the base a folder of its own"),
        ("[profiles.petite]", '[bases.autre]\nsource = "/srv/snds/cohorte/autre"\n[profiles.petite]', "bases.cohorte.source: /srv/snds/cohorte/autre lies in it"),
        ('source_readers = []', 'export_folders = ["exports"]', "bases.cohorte.export_folders[0]: 'exports' does not have the form"),
        ('source_readers = []', 'export_folders = ["/srv/openchronic/exports"]', "bases.cohorte.export_folders[0]: every session reads what is in /srv/openchronic"),
        ("[tls]", "[idle]\ncull_after_minutes = 2\n[tls]", "idle.check_every_minutes: must not exceed idle.cull_after_minutes"),
        ("box.accounts", "nobody.accounts", "accounts: infra/sites/nobody.accounts.toml: cannot be read: No such file or directory"),
        ("ssh.user", 'ssh.key = "/nowhere"\nssh.user', "server.ssh.key: no such file on this machine: /nowhere"),
        ("ssh.user", 'session_domain = "bigdata"\nssh.user', "server.session_domain: 'bigdata' does not have the form"),
        ("ssh.user", 'session_domain = "10.20.30.40"\nssh.user', "server.session_domain: '10.20.30.40' does not have the form"),
        ("ssh.user", 'session_domain = "Bigdata.example"\nssh.user', "server.session_domain: 'Bigdata.example' does not have the form"),
        ("ssh.user", 'session_domain = "a..example"\nssh.user', "server.session_domain: 'a..example' does not have the form"),
        ("ssh.user", 'session_domain = "a.example;"\nssh.user', "server.session_domain: 'a.example;' does not have the form"),
        ('address = "bigdata.example"', 'address = "bigdata.office.example"\nsession_domain = "office.example"', "server.address: bigdata.office.example lies below session_domain"),
        ('address = "bigdata.example"', 'address = "bigdata.example"\nnames = ["WWW.bigdata.example"]\nsession_domain = "bigdata.example"', "server.names[0]: WWW.bigdata.example lies below session_domain"),
        ("title =", "title", "not valid TOML: "),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_with_its_place_and_reason(
    read: Read, old: str, new: str, error: str
) -> None:
    assert [line for line in errors(read, old=old, new=new) if line.startswith(error)]


def test_all_errors_come_at_once(read: Read) -> None:
    found = errors(read, old="memory_gb = 2\ncpus = 1", new='memory_gb = -1\ncpus = "two"\npid = 5')
    assert [line.split(":")[0] for line in found] == [
        "profiles.petite.memory_gb",
        "profiles.petite.cpus",
        "profiles.petite.pid",
    ]


def test_what_tables_say_against_each_other_and_the_machine_comes_with_the_rest(read: Read) -> None:
    """One error must not hide the others until it is corrected."""
    text = MINIMAL.replace("memory_gb = 2", 'memory_gb = "2"').replace('["durand"]', '["alix"]')
    text = text.replace('"own"', '"files"').replace("cpus = 1", 'cpus = 1\ngroups = ["calcu"]')
    text = text.replace("ssh.user", 'ssh.key = "/nowhere"\nssh.user')
    text = text.replace(
        "[bases.cohorte]\nsource_readers = []",
        '[bases.autre]\nschedule = 1\n[bases.cohorte]\nsynthetic.patients = 9\nsource_readers = ["source"]\n'
        'export_folders = ["/srv/openchronic/a"]',
    )
    text += "[idle]\ncull_after_minutes = 2\n"
    text += '[storage]\ndata = "/srv/homes"\nhomes_loop_gb = 1\n'
    assert sorted(line.partition(": ")[0] for line in errors(read, text=text)) == [
        "access.operators",
        "access.operators[0]",
        "bases.autre.schedule",
        "bases.cohorte.export_folders[0]",
        "bases.cohorte.source_readers[0]",
        "bases.cohorte.synthetic",
        "idle.check_every_minutes",
        "profiles.petite.groups[0]",
        "profiles.petite.memory_gb",
        "server.ssh.key",
        "storage",
        "storage",
        "tls",
    ]


def test_what_is_wrong_is_not_taken_for_its_default(read: Read) -> None:
    """`cull_after_minutes = 2` contradicts the default of check_every_minutes, whose value is invalid: no such error."""
    found = errors(read, new='[idle]\ncull_after_minutes = 2\ncheck_every_minutes = "1"\n')
    assert [line.partition(": ")[0] for line in found] == ["idle.check_every_minutes"]


def test_an_error_names_its_line(read: Read, tmp_path: Path) -> None:
    text = """title = "Essai"
accounts = "infra/sites/box.accounts.toml"
server = { address = "a.example", ssh.user = "durand", ssh.port = 0 }
tls.authority = "no"
[bases."cohorte"]
title = '''x
memory_gb = 1'''
source_readers = [
  "sources",  # ]
  "nobody",
]
[profiles.petite]
title = "Petite"
cpus = "1"
[access]
operators = ["durand"]
"""
    with pytest.raises(SiteError) as refused:
        read(text=text)
    file = re.escape(str(tmp_path / "essai.toml"))
    assert re.findall(rf"^{file}:(\d+): ([^:]+): ", str(refused.value), re.M) == [
        ("3", "server.ssh.port"),
        ("4", "tls.authority"),
        ("6", "bases.cohorte.title"),
        ("8", "bases.cohorte.source_readers[1]"),
        ("12", "profiles.petite.memory_gb"),
        ("14", "profiles.petite.cpus"),
    ]


def test_an_operator_who_is_an_analyst_is_refused(read: Read) -> None:
    found = errors(read, old='["durand"]', new='["durand", "alix"]')
    assert found[0].startswith("access.operators[1]: alix is an analyst")


def test_a_syntax_error_names_its_line(read: Read) -> None:
    with pytest.raises(SiteError, match=r"essai\.toml: not valid TOML: .*line 3"):
        read(text='title = "x"\n\n[oops\n')


def test_without_any_debian_mirror_the_operator_is_asked_for_one(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_file, "packages_from_machine", MachinePackages)
    assert errors(read) == [
        "packages.debian: is required: Debian's archive",
        "packages.debian_security: is required: Debian's security archive",
    ]


def test_a_box_with_an_address_is_refused(read: Read) -> None:
    assert errors(read, new="[box]\nmemory_gb = 1\ndisk_gb = true\n") == [
        "server.address: a disposable server ([box]) has its own, leave it out",
        "box.disk_gb: Input should be a valid number, not a boolean: True",
    ]


@given(text=st.text(max_size=200))
def test_no_file_makes_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("sites")
    (folder / "essai.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SiteError):
        load_site("essai", folder=folder)
