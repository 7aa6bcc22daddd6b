"""Sites in two files each: the same offer on a server and on a cluster."""

from dataclasses import dataclass
from pathlib import Path

from infra.settings.cluster_file import load_cluster_site
from infra.settings.cluster_site import ClusterSite
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import load_site

ACCOUNTS = {
    "box": ("infra/sites/box.accounts.toml", "infra/sites/box.projects.toml"),
    "drees": ("onboarding/accounts.toml", "onboarding/projects.toml"),
    "none": ("infra/sites/box.accounts.toml", "tests/infra/settings/no.projects.toml"),
}
# What any site says. The secret of a provider is laid beside the files.
HEAD = """
title = "Essai d’un site"
accounts = "{accounts}"
projects = "{projects}"
"""
SERVER = """
[server]
address = "bigdata.example"
names = ["10.20.30.40"]
{domain}
[server.ssh]
user = "durand"
[packages]
debian = "http://m.example/d"
debian_security = "http://m.example/s"
{rstudio}
[tls]
authority = "own"
[access]
operators = ["durand"]
administrators = [{administrators}]
"""
CLUSTER = """
[cluster]
context = "essai"
namespace = "bigdata"
api_server = ["10.0.0.1"]
[cluster.web]
host = "bigdata.example"
names = ["10.20.30.40"]
exposure = "none"
{domain}
[cluster.images]
registry = "registry.example/bigdata"
{rstudio}
[tls]
authority = "own"
[access]
administrators = [{administrators}]
[storage.releases]
size_gb = 10
[storage.restricted]
size_gb = 10
"""
DEMONSTRATION = '\n[logins]\nkind = "demonstration"\n'
OIDC = """
[logins]
kind = "oidc"
[logins.oidc]
issuer = "https://sso.example/realms/agents"
client_id = "bigdata"
client_secret = "{secret}"
group_claim = "groups"
groups = ["analystes"]
acr = ["eidas2"]
amr = ["mfa"]
addresses = ["10.20.0.5"]
"""
SMALL = """
[profiles.petite]
title = "Petite"
memory_gb = 2
cpus = 1
"""
SEVERAL = """
[profiles.petite]
title = "Petite"
description = "Lire, filtrer."
memory_gb = 1.5
cpus = 0.5
[profiles.grande]
title = "Grande"
memory_gb = 8
cpus = 4
shm_gb = 3
projects = ["variations"]
[profiles.rstudio]
title = "RStudio"
description = "R."
image = "rstudio"
memory_gb = 2
cpus = 1
"""
CARDS = """
[profiles.carte]
title = "Carte"
image = "pytorch-gpu"
memory_gb = 8
cpus = 4
gpus = 1
"""
LIMITS = """
[idle]
cull_after_minutes = 30
check_every_minutes = 2
greatest_age_hours = 12
[sessions]
memory_overcommit = 2
user_gb = 16
[help]
name = "Assistance"
email = "aide@example.org"
"""
SCHEDULE = """
[bases.{base}]
schedule = "monthly"
[bases.{base}.build]
memory_gb = 3
cpus = 2
max_rejects = 0.02
"""


@dataclass(frozen=True, kw_only=True)
class Pair:
    people: str = "box"
    bases: tuple[str, ...] = ("demo", "cohorte")
    offer: str = SMALL
    oidc: bool = False
    domain: str = ""
    rstudio: bool = False
    administrators: str = ""

    @property
    def owners(self) -> tuple[str, str]:
        """Return two logins of the accounts file."""
        return ("mdupont", "jmartin") if self.people == "drees" else ("demo", "alix")

    def server(self, folder: Path) -> Site:
        cards = '\n[gpu]\ndevices = ["nvidia.com/gpu=0"]\ncdi = "tests/infra/components/gpu/fake_cards.json"\n'
        text = self._text(SERVER, rstudio='rstudio_url = "https://m.example/r.deb"')
        text += "".join(SCHEDULE.format(base=base) for base in self.bases)
        text += cards if CARDS in self.offer else ""
        text += OIDC.format(secret=_secret(folder)) if self.oidc else ""
        (folder / "serveur.toml").write_text(text)
        return load_site("serveur", folder=folder, root=ROOT)

    def cluster(self, folder: Path) -> ClusterSite:
        text = self._text(CLUSTER, rstudio="rstudio = true")
        text += "".join(
            SCHEDULE.format(base=base) + f"[bases.{base}.source]\nsize_gb = 1\n"
            for base in self.bases
        )
        text += '\n[gpu]\nresource = "nvidia.com/gpu"\n' if CARDS in self.offer else ""
        text += OIDC.format(secret=_secret(folder)) if self.oidc else DEMONSTRATION
        (folder / "grappe.toml").write_text(text)
        return load_cluster_site("grappe", folder=folder, root=ROOT)

    def _text(self, target: str, *, rstudio: str) -> str:
        accounts, projects = ACCOUNTS[self.people]
        return (
            HEAD.format(accounts=accounts, projects=projects)
            + target.format(
                domain=f'session_domain = "{self.domain}"' if self.domain else "",
                rstudio=rstudio if self.rstudio else "",
                administrators=self.administrators,
            )
            + self.offer
        )


def _secret(folder: Path) -> Path:
    place = folder / "secret"
    place.write_text("of-this-test\n")
    place.chmod(0o600)
    return place


PAIRS = {
    "one base and nobody's project": Pair(people="none", bases=("demo",)),
    "two projects, one with source tables": Pair(),
    "several profiles, one of one project": Pair(offer=SEVERAL),
    "RStudio given, and administrators": Pair(
        offer=SEVERAL, rstudio=True, administrators='"sacha", "demo"'
    ),
    "graphics cards": Pair(offer=SMALL + CARDS),
    "limits and help": Pair(offer=SMALL + LIMITS),
    "a provider of logins": Pair(oidc=True),
    "a host for each session": Pair(domain="big-data.example"),
    "memberships with dates, of three bases": Pair(
        people="drees", bases=("exhaustive", "cohorte", "autre")
    ),
}
