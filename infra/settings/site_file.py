"""Loads infra/sites/<name>.toml into a Site, completed from this machine, and checks the files that it names."""

import dataclasses
import difflib
import os
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from infra.settings.accounts import ANALYSTS, Account, load_accounts
from infra.settings.box_identity import box_identity
from infra.settings.contradictions import contradictions
from infra.settings.partial import Check, problems, readable
from infra.settings.settings_file import ROOT, SettingsError, located, read_toml, reasons, shown
from infra.settings.settings_from_machine import packages_from_machine
from infra.settings.site import Site, SiteError

SITES = ROOT / "infra" / "sites"


def site_names(folder: Path = SITES) -> list[str]:
    return sorted(
        path.stem for path in folder.glob("*.toml") if not path.name.endswith(".accounts.toml")
    )


def load_site(name: str, *, folder: Path = SITES) -> Site:
    """Return the site of infra/sites/<name>.toml. Raises SiteError with every error of the file, each with its place
    and line; nothing is written."""
    path = folder / f"{name}.toml"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) or not path.is_file():
        raise SiteError(_no_such_site(name, folder))
    raw = read_toml(path, error=SiteError)
    wrong = _not_for_boxes(raw)
    complete = _completed(raw, name)
    try:
        site, whole = Site.model_validate(complete), True
    except ValidationError as error:
        site, whole = readable(Site, complete), False
        wrong += [*reasons(Site, error), *problems(contradictions(site), whole=False)]
    wrong += problems(_around(site), whole=whole)
    if wrong:
        raise SiteError(located(path, dict.fromkeys(wrong)))
    return site


def site_accounts(site: Site) -> tuple[Account, ...]:
    return load_accounts(ROOT / site.accounts)


def _no_such_site(name: str, folder: Path) -> str:
    names = site_names(folder)
    close = difflib.get_close_matches(name, names, n=1)
    guess = f" Did you mean {close[0]}?" if close else ""
    return (
        f"{shown(folder / name)}.toml: no such site.{guess} Sites: {', '.join(names) or 'none'}. "
        "To describe a new one, copy infra/sites/drees.example.toml."
    )


def _completed(raw: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the file's settings with this machine's defaults. Settings of the wrong type stay as they are: validation
    refuses them."""
    complete = {**raw, "name": name}
    if isinstance(packages := raw.get("packages", {}), dict):
        complete["packages"] = _packages(packages)
    server = raw.get("server", {})
    if isinstance(server, dict):
        ssh = server.get("ssh", {})
        ssh = {**ssh, **_expanded(ssh, "key", "known_hosts")} if isinstance(ssh, dict) else ssh
        if "box" in raw and isinstance(ssh, dict):
            server, ssh = _box_server(server, ssh)
        if "server" in raw or "box" in raw:
            complete["server"] = {**server, **({"ssh": ssh} if ssh else {})}
    if isinstance(tls := raw.get("tls"), dict):
        complete["tls"] = {**tls, **_expanded(tls, "certificate", "key")}
    return complete


def _packages(given: dict[str, Any]) -> dict[str, Any]:
    machine = dataclasses.asdict(packages_from_machine())
    complete = {key: value for key, value in machine.items() if value is not None} | given
    certificates = complete.get("ca_certificates")
    if isinstance(certificates, list | tuple):
        complete["ca_certificates"] = [
            _absolute(path) if isinstance(path, str) else path for path in certificates
        ]
    return complete


def _box_server(
    server: dict[str, Any], ssh: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fill in the address and keys of this checkout's box, for a site that is a disposable server."""
    try:
        box = box_identity()
    except ValueError as wrong:
        raise SiteError(str(wrong)) from None
    found = {"key": str(box.key), "known_hosts": str(box.known_hosts)}
    return {**server, "address": box.address}, {**ssh, **found}


def _not_for_boxes(raw: dict[str, Any]) -> list[str]:
    server = raw.get("server")
    if "box" not in raw or not isinstance(server, dict):
        return []
    ssh = server.get("ssh")
    given = [f"server.{key}" for key in ("address",) if key in server]
    if isinstance(ssh, dict):
        given += [
            f"server.ssh.{key}" for key in ("port", "key", "known_hosts", "bastion") if key in ssh
        ]
    return [f"{key}: a disposable server ([box]) has its own, leave it out" for key in given]


def _expanded(table: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: _absolute(table[key]) for key in keys if isinstance(table.get(key), str)}


def _absolute(path: str) -> str:
    """Return an absolute path on the operator's machine: `~/` is the operator's home, other paths start at the
    checkout."""
    home = Path.home() / path.removeprefix("~/") if path.startswith("~/") else path
    return os.path.normpath(ROOT / home)


def _around(site: Site) -> Iterator[Check]:
    """Yield the checks of the files that the site names on this machine, and of its accounts file."""
    yield partial(_absent_certificates, site)
    yield partial(_absent_tls_files, site)
    yield partial(_absent_ssh_files, site)
    try:
        accounts = site_accounts(site)
    except AttributeError:
        # `accounts` is itself an invalid setting, which is reported already.
        return
    except SettingsError as wrong:
        lines = [f"accounts: {line}" for line in str(wrong).splitlines()]
        yield lambda: lines
        return
    yield partial(_operators_who_are_analysts, site, accounts)
    for place, groups in _groups(site):
        yield partial(_wrong_groups, site, accounts, place, groups)


def _absent_certificates(site: Site) -> Iterator[str]:
    for index, certificate in enumerate(site.packages.ca_certificates):
        yield from _absent(f"packages.ca_certificates[{index}]", certificate)


def _absent_tls_files(site: Site) -> Iterator[str]:
    yield from _absent("tls.certificate", site.tls.certificate)
    yield from _absent("tls.key", site.tls.key)


def _absent_ssh_files(site: Site) -> Iterator[str]:
    if site.box is None:
        yield from _absent("server.ssh.key", site.server.ssh.key)
        yield from _absent("server.ssh.known_hosts", site.server.ssh.known_hosts)


def _absent(place: str, path: Path | None) -> Iterator[str]:
    if path is not None and not path.is_file():
        yield f"{place}: no such file on this machine: {path}"


def _operators_who_are_analysts(site: Site, accounts: Sequence[Account]) -> Iterator[str]:
    for account in accounts:
        if account.login in site.access.operators:
            index = site.access.operators.index(account.login)
            yield (
                f"access.operators[{index}]: {account.login} is an analyst in {site.accounts}; "
                "analysts have no shell, an operator needs another account"
            )


def _groups(site: Site) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each setting that lists groups of the accounts file, with its groups."""
    for slug, base in getattr(site, "bases", {}).items():
        yield f"bases.{slug}.source_readers", getattr(base, "source_readers", ())
    for slug, profile in getattr(site, "profiles", {}).items():
        yield f"profiles.{slug}.groups", getattr(profile, "groups", ())


def _wrong_groups(
    site: Site, accounts: Sequence[Account], place: str, groups: Sequence[str]
) -> Iterator[str]:
    """Refuse a group without members, which is a typing error, and the group of all analysts."""
    there = {group for account in accounts for group in account.groups}
    known = sorted(there - {ANALYSTS, *(account.login for account in accounts)})
    for index, group in enumerate(groups):
        if group == ANALYSTS:
            yield f"{place}[{index}]: every account is in {ANALYSTS}; name a group of those who may"
        elif group not in known:
            close = difflib.get_close_matches(group, known, n=1)
            guess = f", did you mean {close[0]}?" if close else "."
            yield (
                f"{place}[{index}]: no account of {site.accounts} is in a group {group}{guess} "
                f"Groups there: {', '.join(known) or 'none'}"
            )
