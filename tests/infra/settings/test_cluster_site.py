"""Sites on a cluster: accepted settings, defaults, and what a target cannot do, refused with the reason."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.settings.cluster_file import load_cluster_site, load_target
from infra.settings.cluster_site import ClusterSite
from infra.settings.settings_file import ROOT
from infra.settings.site import Site, SiteError
from infra.settings.site_file import SITES, load_site
from tests.infra.settings.conftest import MINIMAL
from tests.infra.settings.test_site import settings

CLUSTER = """
title = "Essai"
accounts = "infra/sites/box.accounts.toml"
projects = "tests/infra/settings/no.projects.toml"
[cluster]
context = "essai"
namespace = "bigdata"
api_server = ["10.0.0.1"]
[cluster.web]
host = "bigdata.example"
exposure = "none"
[cluster.images]
registry = "registry.example/bigdata"
[tls]
authority = "own"
[storage]
[storage.releases]
size_gb = 10
[storage.restricted]
size_gb = 10
[bases.cohorte]
[bases.cohorte.source]
size_gb = 10
[profiles.petite]
title = "Petite"
memory_gb = 2
cpus = 1
[logins]
kind = "demonstration"
"""
Read = Callable[..., ClusterSite]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Give a function that reads a site on a cluster from a text after replacing a part of it."""

    def read(text: str = CLUSTER, *, old: str = "", new: str = "") -> ClusterSite:
        assert old in text
        (tmp_path / "essai.toml").write_text(text.replace(old, new, 1) if old else text + new)
        return load_cluster_site("essai", folder=tmp_path)

    return read


def errors(read: Read, **changes: str) -> list[str]:
    """Return the errors of a file, without the place where they are."""
    with pytest.raises(SiteError) as refused:
        read(**changes)
    return [
        re.sub(r"^.*essai\.toml(:\d+)?: ", "", line) for line in str(refused.value).splitlines()
    ]


def test_a_minimal_cluster_gets_the_defaults(read: Read) -> None:
    site = read()
    assert site.url == "https://bigdata.example/"
    assert (site.cluster.namespace, site.cluster.work_namespace) == ("bigdata", "bigdata-work")
    assert site.cluster.api_server == ("10.0.0.1/32",)
    assert site.bases["cohorte"].schedule == "Sat *-*-* 20:00:00"
    assert (site.storage.homes.access_mode, site.storage.teams.access_mode) == ("ReadWriteOnce", "ReadWriteMany")  # fmt: skip
    assert site.sessions.memory_overcommit == 1
    assert site.gpu.resource is None


def test_with_a_session_domain_browsers_open_that(read: Read) -> None:
    site = read(old='exposure = "none"', new='exposure = "none"\nsession_domain = "big.example"')
    assert site.url == "https://big.example/"
    assert site.cluster.web.all_names == ("big.example", "*.big.example", "bigdata.example")


def test_a_file_is_read_by_its_target(tmp_path: Path) -> None:
    (tmp_path / "essai.toml").write_text(CLUSTER)
    (tmp_path / "serveur.toml").write_text(MINIMAL)
    assert isinstance(load_target("essai", folder=tmp_path), ClusterSite)
    assert isinstance(load_target("serveur", folder=tmp_path), Site)
    with pytest.raises(
        SiteError, match=r"essai\.toml: is a site on a cluster .*this is for a server\. make values"
    ):
        load_site("essai", folder=tmp_path)
    with pytest.raises(
        SiteError, match=r"serveur is a server's site .*this is for one on a cluster"
    ):
        load_cluster_site("serveur", folder=tmp_path)


def test_a_site_has_one_target(tmp_path: Path) -> None:
    for other in ('[server]\naddress = "a.example"\n', "[box]\nmemory_gb = 1\n"):
        (tmp_path / "essai.toml").write_text(CLUSTER + other)
        for load in (load_target, load_site):
            with pytest.raises(SiteError, match=r"(server|box|cluster): .*leave out"):
                load("essai", folder=tmp_path)


NOT_THERE = [
    ('[packages]\npypi = "https://m.example"\n', "packages: a cluster installs nothing"),
    ('[network]\nsessions = "172.30.0.0/24"\n', "network: the cluster has the addresses of pods"),
    ('[hardening]\npackages = ["aide"]\n', "hardening: the nodes are not this site's"),
    ('[time]\nservers = ["ntp.example"]\n', "time: the clock of a pod is its node's"),
    ('[access]\noperators = ["ops"]\n', "access.operators: who operates is who has rights in the kubeconfig"),
    ("[sessions]\nreserved_gb = 4\n", "sessions.reserved_gb: a node's own needs"),
    ('[gpu]\ndevices = ["nvidia.com/gpu=0"]\n', "gpu.devices: nodes tell their cards by a device plugin"),
    ('[gpu]\ncdi = "cards.json"\n', "gpu.cdi: the nodes' device plugin describes their cards"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "reason"), NOT_THERE)
def test_what_a_cluster_cannot_do_is_refused_with_the_reason(
    read: Read, table: str, reason: str
) -> None:
    (found,) = errors(read, new=table)
    assert found.startswith(reason)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("cpus = 1", "cpus = 1\npids = 512", "profiles.petite.pids: a pod cannot limit its processes"),
        ("[bases.cohorte]", "[bases.cohorte]\nexport_folders = []", "bases.cohorte.export_folders: a cluster has no"),
        ("[storage]", "[storage]\nrequire_mounts = true", "storage.require_mounts: there are claims and no mounts"),
        ("[storage]", '[storage]\nhomes = "/srv/homes"', "storage.homes: is a claim on a cluster and no folder"),
        ("[storage.releases]\nsize_gb = 10", "", "storage.releases: is required: Published releases"),
        ("[bases.cohorte.source]\nsize_gb = 10", 'source = "/srv/snds"', "bases.cohorte.source: is a claim on a cluster"),
        ('kind = "demonstration"', 'kind = "pam"', "logins.kind: pods have no PAM"),
        ('kind = "demonstration"', 'kind = "ldap"', "logins.kind: the hub of a cluster asks no directory"),
        ('kind = "demonstration"', 'kind = "demonstration"\nsecond_factor = false', "logins.second_factor: the provider asks"),
        ('authority = "own"', 'authority = "secret"', 'tls: secret and authority = "secret" go together'),
        ('registry = "registry.example/bigdata"', "", "cluster.images: images come from a registry or by archives"),
        ('registry = "registry.example/bigdata"', 'registry = "https://registry.example"', "cluster.images.registry: "),
        ('exposure = "none"', 'exposure = "gateway"', "cluster.web: gateway: exposure"),
        ('exposure = "none"', 'exposure = "none"\nnode_port = 30443', 'cluster.web: node_port: is for exposure = "node-port"'),
        ('exposure = "none"', 'exposure = "none"\nsession_domain = "example.org"\nnames = ["a.example.org"]', "cluster.web.names[0]: a.example.org lies below session_domain"),
        ("[bases.cohorte.source]\nsize_gb = 10", '[bases.cohorte.source]\nclaim = "x"\nsize_gb = 1', "bases.cohorte.source: say size_gb"),
        ("[bases.cohorte]", '[bases.cohorte]\nschedule = "2027-*-* 20:00"', "bases.cohorte.schedule: '2027-*-* 20:00' is no schedule of a cluster"),
        ("cpus = 1", "cpus = 1\ngpus = 1", "profiles.petite.gpus: no session could ever start: say in gpu.resource"),
        ("cpus = 1", "cpus = 1\n[sessions]\nuser_gb = 1", "profiles.petite.memory_gb: no session could start, sessions.user_gb is 1"),
        ("cpus = 1", "cpus = 1\n[sessions]\nmemory_overcommit = 0.5", "sessions.memory_overcommit: "),
        ('context = "essai"', 'context = "essai"\nkubeconfig = "~/nowhere/config"', "cluster.kubeconfig: no such file"),
        ('namespace = "bigdata"', 'namespace = "Big_Data"', "cluster.namespace: "),
        ('namespace = "bigdata"', f'namespace = "{"a" * 59}"', "cluster.namespace: "),
        ("[tls]", '[access]\nadministrators = ["nobody"]\n[tls]', "access.administrators[0]: nobody is not in"),
        ("tests/infra/settings/no.projects", "infra/sites/box.projects", "projects: "),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_with_its_place_and_nothing_else(
    read: Read, old: str, new: str, reason: str
) -> None:
    found = errors(read, old=old, new=new)
    assert [line for line in found if not line.startswith(reason.partition(": ")[0])] == []
    assert found[0].startswith(reason)


def test_real_data_are_never_beside_invented_ones(read: Read) -> None:
    synthetic = "[bases.cohorte.synthetic]\npatients = 10\n"
    assert read(new=synthetic).bases["cohorte"].synthetic
    provider = CLUSTER.replace('kind = "demonstration"', 'kind = "oidc"')
    assert "bases.cohorte.synthetic: is for demonstrations (logins.kind = \"demonstration\") only" in errors(read, text=provider, new=synthetic)  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("cpus = 1", "cpus = 1\n[sessions]\nmemory_gb = 8", "sessions.memory_gb: a server's memory is its own"),
        ("cpus = 1", 'cpus = 1\n[gpu]\nresource = "nvidia.com/gpu"', "gpu.resource: a server names each card"),
        ("cpus = 1", 'cpus = 1\n[logins]\nkind = "demonstration"', "logins.kind: 'demonstration' is for a cluster"),
        ('authority = "own"', 'authority = "secret"', "tls.authority: 'secret' is for a cluster"),
        ("export_folders = []", "source = { size_gb = 1 }", "bases.cohorte.source: is a folder on a server, not a claim"),
    ],
)  # fmt: skip
def test_what_a_server_cannot_do_is_refused_with_the_reason(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    assert old in MINIMAL
    (tmp_path / "essai.toml").write_text(MINIMAL.replace(old, new, 1))
    with pytest.raises(SiteError) as refused:
        load_site("essai", folder=tmp_path)
    assert reason in str(refused.value)


def test_every_setting_of_a_cluster_has_a_meaning() -> None:
    without = [place for place, field in settings(ClusterSite) if not field.description]
    assert without == []


def test_the_example_of_a_cluster_holds_every_setting() -> None:
    text = (SITES / "cluster.example.toml").read_text()
    keys = {place.rpartition(".")[2] for place, _ in settings(ClusterSite) if place != "name"}
    missing = [
        key for key in keys if not re.search(rf"^#? ?(\[+{key}\b|{key} =|.*\.{key}\])", text, re.M)
    ]
    # `pids` is a setting of profiles that only servers have.
    assert missing == ["pids"]


def test_the_examples_are_sites(tmp_path: Path) -> None:
    raw = tomllib.loads((SITES / "cluster.example.toml").read_text())
    site = ClusterSite.model_validate({**raw, "name": "drees"})
    assert list(site.bases) == ["exhaustive", "cohorte"]
    kube = load_target("kube")
    assert isinstance(kube, ClusterSite)
    assert kube.is_demonstration


def test_the_demonstration_on_a_cluster_is_that_of_the_box() -> None:
    kube, box = load_target("kube"), load_target("box")
    assert (kube.title, kube.accounts, kube.projects, kube.help) == (
        box.title, box.accounts, box.projects, box.help,
    )  # fmt: skip
    assert kube.base_slugs == box.base_slugs
    assert list(kube.profiles) == list(box.profiles)


def test_a_secret_of_logins_is_no_file_that_others_read_or_a_commit_could_take(
    read: Read, tmp_path: Path
) -> None:
    oidc = """
[logins.oidc]
issuer = "https://sso.example/realms/agents"
client_id = "bigdata"
client_secret = "{place}"
addresses = ["10.20.0.5"]
"""
    text = CLUSTER.replace('kind = "demonstration"', 'kind = "oidc"')
    secret = tmp_path / "secret"
    secret.write_text("of-this-test\n")
    secret.chmod(0o644)
    (found,) = errors(read, text=text, new=oidc.format(place=secret))
    assert "others than you may read" in found
    secret.chmod(0o600)
    assert read(text, new=oidc.format(place=secret)).logins.oidc is not None
    (found,) = errors(read, text=text, new=oidc.format(place=ROOT / "README.md"))
    assert "is in the checkout, where a commit could take it" in found
