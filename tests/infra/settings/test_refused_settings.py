"""Site files that are refused: errors with their places and reasons, all at once."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.settings import site_file
from infra.settings.settings_file import ROOT
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
        ("cpus = 1", 'cpus = 1\nimage = "notebook"', "profiles.petite.image: notebook is no image of sessions; there are: jupyter, rstudio"),
        ("cpus = 1", "cpus = 1\nshm_gb = 2.5", "profiles.petite.shm_gb: is part of memory_gb, and cannot be more"),
        ("cpus = 1", "cpus = 1\nshm_gb = 0", "profiles.petite.shm_gb: Input should be greater than 0"),
        ("[tls]", "[sessions]\nuser_gb = 1\n[tls]", "profiles.petite.memory_gb: no user may have more than sessions.user_gb, 1"),
        ("[tls]", "[sessions]\nmemory_overcommit = 0\n[tls]", "sessions.memory_overcommit: Input should be greater than or equal to 0.5"),
        ("[tls]", "[sessions]\nreserved_gb = -1\n[tls]", "sessions.reserved_gb: Input should be greater than or equal to 0"),
        ('"own"', '"files"', 'tls: authority = "files" needs both certificate and key'),
        ("[access]", "[acces]", "acces: no such setting, did you mean access?"),
        ('["durand"]', '["durant"]', "access.operators: must name durand, or a deploy would lock itself out"),
        ("export_folders = []", 'source = "snds"', "bases.cohorte.source: 'snds' does not have the form"),
        ("export_folders = []", 'schedule = "Satur 20:00"', "bases.cohorte.schedule: 'Satur 20:00' is not a systemd calendar"),
        ("export_folders = []", 'synthetic.patients = 9', "bases.cohorte.synthetic: is for disposable servers ([box]) only"),
        ("[bases.cohorte]", "[bases.Cohorte]", "bases.Cohorte: 'Cohorte' does not have the form"),
        ("[tls]", "[storage]\nhomes_loop_gb = 4\n[tls]", "storage: homes_loop_gb makes the homes' mount, require_mounts wants one: drop one"),
        ("[tls]", '[storage]\nhomes = "/srv/snds"\n[tls]', "storage: homes, data, releases, restricted and docker must be five different places"),
        ("[tls]", '[storage]\nrestricted = "/srv/openchronic"\n[tls]', "storage: homes, data, releases, restricted and docker must be five different places"),
        ("[tls]", '[storage]\nrestricted = "/srv/openchronic/typed"\n[tls]', "storage: restricted must lie neither in /srv/openchronic nor around it"),
        ("[tls]", '[storage]\nrestricted = "/srv"\n[tls]', "storage: restricted must lie neither in /srv/homes nor around it"),
        ("export_folders = []", 'source_readers = ["sources"]', "bases.cohorte.source_readers: rights are those of projects now: make migrate-projects SITE=… writes them from the groups"),
        ("export_folders = []", "source_readers = []", "bases.cohorte.source_readers: rights are those of projects now"),
        ("cpus = 1", 'cpus = 1\ngroups = ["calcul"]', "profiles.petite.groups: rights are those of projects now: make migrate-projects SITE=… writes them from the groups"),
        ("[tls]", '[logins]\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\n\n[tls]', 'logins.oidc: is for kind = "oidc": set it, or leave the table out'),
        ("[tls]", '[logins]\nkind = "oidc"\n[tls]', 'logins.kind: "oidc" needs the table [logins.oidc]'),
        ("[tls]", '[logins]\nkind = "saml"\n[tls]', "logins.kind: Input should be 'pam', 'ldap' or 'oidc'"),
        ("[tls]", '[logins]\nkind = "oidc"\nsecond_factor = true\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\n\n[tls]', 'logins.second_factor: with kind = "oidc" the provider does it, leave it out'),
        ("[tls]", '[logins]\nkind = "oidc"\npassword_max_days = 9\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\n\n[tls]', 'logins.password_max_days: with kind = "oidc" the provider does it, leave it out'),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "http://sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\n\n[tls]', "logins.oidc.issuer: https is needed: the provider says who logs in"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "http://127.0.0.1.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\n\n[tls]', "logins.oidc.issuer: https is needed"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "https://sso.example/?a"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\n\n[tls]', "logins.oidc.issuer: an issuer has no query, fragment or user"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\n\n[tls]', "logins.oidc.issuer: 'sso.example' does not have the form"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\n\n\n[tls]', "logins.oidc: addresses: the hub connects to this server only, name the provider's networks"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["0.0.0.0/0"]\n\n[tls]', "logins.oidc: addresses: the whole Internet is no provider's network"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\ngroups = ["analystes"]\n[tls]', "logins.oidc: group_claim and groups go together: set both or none"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\ngroup_claim = "groups"\n[tls]', "logins.oidc: group_claim and groups go together: set both or none"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "/nowhere"\naddresses = ["10.0.0.5"]\n\n[tls]', "logins.oidc.client_secret: no such file on this machine: /nowhere"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "README.md"\naddresses = ["10.0.0.5"]\n\n[tls]', f"logins.oidc.client_secret: {ROOT}/README.md is in the checkout, where a commit could take it: move it out"),
        ("[tls]", '[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "/etc/hostname"\naddresses = ["10.0.0.5"]\n\n[tls]', "logins.oidc.client_secret: others than you may read /etc/hostname: chmod 600 /etc/hostname"),
        ("[tls]", '[logins]\nkind = "pam"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\n\n[tls]', 'logins.ldap: is for kind = "ldap": set it, or leave the table out'),
        ("[tls]", '[logins]\nkind = "ldap"\n[tls]', 'logins.kind: "ldap" needs the table [logins.ldap]'),
        ("[tls]", '[logins]\nkind = "ldap"\npassword_max_days = 9\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\n\n[tls]', 'logins.password_max_days: with kind = "ldap" the directory does it, leave it out'),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldap://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\n\n[tls]', 'logins.ldap: uris[0]: ldap://a.example is clear text: say ldaps://, or start_tls = true'),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["https://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\n\n[tls]', 'logins.ldap.uris[0]: ldaps://host, ldaps://host:port, or the same with ldap:// is needed'),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://localhost"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\n\n[tls]', "logins.ldap.uris[0]: the certificate would be compared with the server's own name"),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["0.0.0.0/0"]\n\n[tls]', "logins.ldap: addresses: the whole Internet is no directory's network"),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\nbind_dn = "cn=x"\n[tls]', 'logins.ldap: bind_dn and bind_password go together: set both or none'),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\nbind_dn = "cn=x"\nbind_password = "/nowhere"\n[tls]', 'logins.ldap.bind_password: no such file on this machine: /nowhere'),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\nbind_dn = "cn=x"\nbind_password = "/etc/hostname"\n[tls]', 'logins.ldap.bind_password: others than you may read /etc/hostname: chmod 600 /etc/hostname'),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\nca_certificates = "/nowhere"\n[tls]', 'logins.ldap.ca_certificates: no such file on this machine: /nowhere'),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\nuser_filter = "(a=b)(c=d)"\n[tls]', 'logins.ldap.user_filter: a filter is in parentheses, such as (objectClass=person)'),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\nuser_filter = "(a=b?sub)"\n[tls]', "logins.ldap.user_filter: '(a=b?sub)' does not have the form"),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\nschema_of_groups = "rfc2307"\nnesting = 3\n[tls]', 'logins.ldap: nesting: groups of rfc2307 hold no groups, leave it out'),
        ("[tls]", '[logins]\nkind = "ldap"\n[logins.ldap]\nuris = ["ldaps://a.example"]\nuser_base = "dc=a"\naddresses = ["10.0.0.5"]\noffline_days = 30\n[tls]', 'logins.ldap.offline_days: Input should be less than or equal to 7'),
        ("cpus = 1", 'cpus = 1\nprojects = "calcul"', "profiles.petite.projects: Input should be a list, not a text: 'calcul'"),
        ("cpus = 1", 'cpus = 1\nprojects = ["a b"]', "profiles.petite.projects[0]: 'a b' does not have the form"),
        ("cpus = 1", 'cpus = 1\nprojects = ["calcul"]', "profiles.petite.projects[0]: tests/infra/settings/no.projects.toml has no project calcul. Projects there: none"),
        ("tests/infra/settings/no", "infra/sites/box", "projects: infra/sites/box.projects.toml:8: projects.variations.bases[0]: the site has no base demo. Known: cohorte"),
        ("tests/infra/settings/no", "infra/sites/nobody", "projects: infra/sites/nobody.projects.toml: cannot be read: No such file or directory"),
        ('projects = "tests/infra/settings/no.projects.toml"', "", "projects: is required: Projects file, from the checkout's root"),
        ("tests/infra/settings/no", "/etc/no", "projects: '/etc/no.projects.toml' does not have the form"),
        ("memory_gb = 2", 'memory_gb = "16"', "profiles.petite.memory_gb: Input should be a valid number, not a text: '16'"),
        ("memory_gb = 2", "memory_gb = true", "profiles.petite.memory_gb: Input should be a valid number, not a boolean: True"),
        ("cpus = 1", "cpus = 1\ngpus = -1", "profiles.petite.gpus: Input should be greater than or equal to 0"),
        ("cpus = 1", "cpus = 1\ngpus = 1", "profiles.petite.gpus: no session could ever start, gpu.devices names none"),
        ("cpus = 1", 'cpus = 1\ngpus = 2\n[gpu]\ndevices = ["nvidia.com/gpu=0"]', "profiles.petite.gpus: no session could ever start, gpu.devices names 1"),
        ("[access]", '[gpu]\ndevices = ["0"]\n[access]', "gpu.devices[0]: '0' does not have the form"),
        ("[access]", '[gpu]\ndevices = ["nvidia.com/gpu=all"]\n[access]', "gpu.devices[0]: nvidia.com/gpu=all would give every card to one session: name each one"),
        ("[access]", '[gpu]\ndevices = ["nvidia.com/gpu=0", "nvidia.com/gpu=0"]\n[access]', "gpu.devices: named twice: nvidia.com/gpu=0"),
        ("[access]", '[gpu]\ndevices = ["nvidia.com/gpu=0"]\n[access]', "gpu.repository: Debian has no NVIDIA container toolkit: name your mirror of NVIDIA's repository"),
        ("[access]", '[gpu]\ndevices = ["nvidia.com/gpu=0"]\nrepository = "https://m.example/n"\n[access]', "gpu.repository_key: repository and repository_key go together"),
        ("[access]", '[gpu]\ndevices = ["nvidia.com/gpu=0"]\nrepository_key = "README.md"\ncdi = "README.md"\nrepository = "https://m.example/n"\n[access]', "gpu.repository: with gpu.cdi the toolkit is not installed, drop one of the two"),
        ("[access]", '[gpu]\ncdi = "README.md"\n[access]', "gpu.cdi: serves no card, name them in gpu.devices or leave it out"),
        ("[access]", '[gpu]\ndevices = ["nvidia.com/gpu=0"]\ncdi = "/nowhere"\n[access]', "gpu.cdi: no such file on this machine: /nowhere"),
        ("[access]", '[gpu]\ndevices = ["nvidia.com/gpu=0"]\ncdi = "README.md"\n[access]', f"gpu.cdi: {ROOT}/README.md is no CDI specification in JSON: "),
        ("[access]", '[gpu]\ndevices = ["nvidia.com/gpu=0"]\ncdi = "tests/bench/reference.json"\n[access]', f"gpu.cdi: {ROOT}/tests/bench/reference.json is no CDI specification in JSON: it lacks 'devices'"),
        ("[access]", '[gpu]\ndevices = ["nvidia.com/gpu=0", "nvidia.com/gpu=5"]\ncdi = "tests/infra/components/gpu/fake_cards.json"\n[access]', f"gpu.cdi: {ROOT}/tests/infra/components/gpu/fake_cards.json does not describe nvidia.com/gpu=5. It describes: nvidia.com/gpu=0, nvidia.com/gpu=1"),
        ("cpus = 1", "cpus = 1\npids = 1024.0", "profiles.petite.pids: Input should be a valid integer, not a number: 1024.0"),
        ("cpus = 1", "cpus = 1\npids = false", "profiles.petite.pids: Input should be a valid integer, not a boolean: False"),
        ("ssh.user", 'ssh.port = "22"\nssh.user', "server.ssh.port: Input should be a valid integer, not a text: '22'"),
        ("ssh.user", "ssh.key = 1\nssh.user", "server.ssh.key: Input is not a valid path, not a number: 1"),
        ('title = "Essai"', "title = 2021", "title: Input should be a valid text, not a number: 2021"),
        ("[tls]", '[storage]\nrequire_mounts = "no"\n[tls]', "storage.require_mounts: Input should be a valid boolean, not a text: 'no'"),
        ("[tls]", "[storage]\nrequire_mounts = 0\n[tls]", "storage.require_mounts: Input should be a valid boolean, not a number: 0"),
        ("export_folders = []", 'export_folders = "/srv/exports"', "bases.cohorte.export_folders: Input should be a list, not a text: '/srv/exports'"),
        ("[access]", "[idle]\ncull_after_minutes = 1979-05-27\n[access]", "idle.cull_after_minutes: Input should be a valid number, not a date"),
        ("export_folders = []", 'build.keep_releases = 0', "bases.cohorte.build.keep_releases: Input should be greater than or equal to 1"),
        ("export_folders = []", 'source = "/srv/snds"', "bases.cohorte.source: /srv/snds lies in it; give the base a folder of its own"),
        ("export_folders = []", 'source = "/srv"', "bases.cohorte.source: /srv/homes lies in it; give the base a folder of its own"),
        ("[profiles.petite]", '[bases.autre]\nsource = "/srv/snds/cohorte/autre"\n[profiles.petite]', "bases.cohorte.source: /srv/snds/cohorte/autre lies in it"),
        ("export_folders = []", 'export_folders = ["exports"]', "bases.cohorte.export_folders[0]: 'exports' does not have the form"),
        ("export_folders = []", 'export_folders = ["/srv/openchronic/exports"]', "bases.cohorte.export_folders[0]: every session reads what is in /srv/openchronic"),
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
        ("[tls]", '[packages]\nrstudio_file = "/nowhere.deb"\n[tls]', "packages.rstudio_file: no such file on this machine: /nowhere.deb"),
        ("[tls]", '[packages]\nrstudio_file = "README.md"\nrstudio_url = "https://m.example/r.deb"\n[tls]', "packages: rstudio_file and rstudio_url give the same package: drop one"),
        ("[tls]", '[packages]\nrstudio_url = "ftp://m.example/r.deb"\n[tls]', "packages.rstudio_url: 'ftp://m.example/r.deb' does not have the form"),
        ("[tls]", '[packages]\nrstudio_sha256 = "168bc577"\n[tls]', "packages.rstudio_sha256: '168bc577' does not have the form"),
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
    text = text.replace('"own"', '"files"').replace("cpus = 1", 'cpus = 1\nprojects = ["calcu"]')
    text = text.replace("ssh.user", 'ssh.key = "/nowhere"\nssh.user')
    text = text.replace(
        "[bases.cohorte]\nexport_folders = []",
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
        "bases.cohorte.source_readers",
        "bases.cohorte.synthetic",
        "idle.check_every_minutes",
        "profiles.petite.memory_gb",
        "profiles.petite.projects[0]",
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
projects = "tests/infra/settings/no.projects.toml"
server = { address = "a.example", ssh.user = "durand", ssh.port = 0 }
tls.authority = "no"
[bases."cohorte"]
title = '''x
memory_gb = 1'''
export_folders = [
  "/srv/exports",  # ]
  "nowhere",
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
        ("4", "server.ssh.port"),
        ("5", "tls.authority"),
        ("7", "bases.cohorte.title"),
        ("9", "bases.cohorte.export_folders[1]"),
        ("13", "profiles.petite.memory_gb"),
        ("15", "profiles.petite.cpus"),
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
