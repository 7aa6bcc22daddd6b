"""Writes a site of the versions before projects into a folder: accounts with groups, bases and profiles for groups."""

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TODAY = datetime.date(2026, 6, 15)
HEAD = """title = "Essai"
accounts = "onboarding/essai.toml"

[server]
address = "bigdata.example"
ssh.user = "durand"

[tls]
authority = "own"

[access]
operators = ["durand"]

[packages]
debian = "http://m.example/d"
debian_security = "http://m.example/s"
"""


@dataclass(frozen=True, kw_only=True)
class FormerSite:
    """Groups of accounts, readers of bases, users of profiles (none: everybody), and the accounts' last days."""

    groups: Mapping[str, Sequence[str]]
    readers: Mapping[str, Sequence[str]]
    users: Mapping[str, Sequence[str]]
    ends: Mapping[str, datetime.date]

    def write(self, root: Path) -> Path:
        """Write the files, and return the folder of the site's file."""
        folder = root / "infra" / "sites"
        folder.mkdir(parents=True)
        (root / "onboarding").mkdir()
        (root / "onboarding" / "essai.toml").write_text(self.accounts_text())
        (folder / "essai.toml").write_text(self.site_text())
        return folder

    def accounts_text(self) -> str:
        return "# The analysts.\n" + "".join(
            f'\n[accounts.{login}]\nname = "Nom"\nemail = "a@b.example"  # asked twice\n'
            f"groups = {_list(groups)}\nend = {self.ends[login]}\n"
            for login, groups in self.groups.items()
        )

    def site_text(self) -> str:
        bases = (
            f"\n[bases.{base}]\n# Who reads it.\nsource_readers = {_list(readers)}\n"
            for base, readers in self.readers.items()
        )
        profiles = (
            f'\n[profiles.{profile}]\ntitle = "Taille"\nmemory_gb = 2\ngroups = {_list(users)}\ncpus = 1  # each\n'
            for profile, users in self.users.items()
        )
        return "".join([HEAD, *bases, *profiles])


def _list(texts: Sequence[str]) -> str:
    return json.dumps([*texts], ensure_ascii=False)


def usual() -> FormerSite:
    """Return a site whose typed tables and whose big sessions were those of different groups."""
    return FormerSite(
        groups={
            "mdupont": ["calcul", "sources"],
            "jmartin": [],
            "apetit": ["calcul"],
            "blegrand": ["sources"],
        },
        readers={"exhaustive": [], "cohorte": ["sources"]},
        users={"petite": [], "grande": ["calcul"]},
        ends={
            "mdupont": datetime.date(2027, 12, 31),
            "jmartin": datetime.date(2027, 6, 30),
            "apetit": datetime.date(2028, 1, 31),
            "blegrand": datetime.date(2026, 6, 14),
        },
    )
