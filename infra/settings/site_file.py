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

from infra.settings.accounts import Account
from infra.settings.around import (
    absent,
    absent_texts,
    open_secret,
    people,
)
from infra.settings.box_identity import box_identity
from infra.settings.contradictions import contradictions
from infra.settings.gpu import described_devices
from infra.settings.other_target import not_on_a_server
from infra.settings.partial import Check, problems, readable
from infra.settings.projects import Project
from infra.settings.settings_file import ROOT, located, read_toml, reasons, shown
from infra.settings.settings_from_machine import packages_from_machine
from infra.settings.site import Site, SiteError
from infra.settings.ssh_key import is_in_hardware

SITES = ROOT / "infra" / "sites"


def site_names(folder: Path = SITES) -> list[str]:
    return sorted(
        path.stem
        for path in folder.glob("*.toml")
        if not path.name.endswith((".accounts.toml", ".projects.toml"))
    )


def load_site(name: str, *, folder: Path = SITES, root: Path = ROOT) -> Site:
    """Return the site of infra/sites/<name>.toml, whose accounts and projects files lie below `root`. Raises SiteError
    with every error of the file, each with its place and line; nothing is written."""
    path = site_path(name, folder=folder)
    raw = read_toml(path, error=SiteError)
    if "cluster" in raw and not {"server", "box"} & set(raw):
        raise SiteError(
            f"{shown(path)}: is a site on a cluster ([cluster]), and this is for a server. make values, plan, deploy, "
            "status, images-push and smoke-test serve a cluster"
        )
    elsewhere = not_on_a_server(raw)
    # What was taken out is not also missing.
    said = {line.partition(": ")[0] for line in elsewhere}
    wrong = [*elsewhere, *_former(raw), *_not_for_boxes(raw)]
    complete = _completed(raw, name)
    try:
        site, whole = Site.model_validate(complete), True
    except ValidationError as error:
        site, whole = readable(Site, complete), False
        found = [*reasons(Site, error), *problems(contradictions(site), whole=False)]
        wrong += [line for line in found if line.partition(": ")[0] not in said]
    wrong += problems(_around(site, root), whole=whole)
    if wrong:
        raise SiteError(located(path, dict.fromkeys(wrong)))
    return site


def site_path(name: str, *, folder: Path = SITES) -> Path:
    """Return a site's file. Raises SiteError, with the sites that there are, if it does not exist."""
    path = folder / f"{name}.toml"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) or not path.is_file():
        raise SiteError(_no_such_site(name, folder))
    return path


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
        ssh = {**ssh, **expanded(ssh, "key", "known_hosts")} if isinstance(ssh, dict) else ssh
        if "box" in raw and isinstance(ssh, dict):
            server, ssh = _box_server(server, ssh)
        if "server" in raw or "box" in raw:
            complete["server"] = {**server, **({"ssh": ssh} if ssh else {})}
    if isinstance(tls := raw.get("tls"), dict):
        complete["tls"] = {**tls, **expanded(tls, "certificate", "key")}
    if isinstance(gpu := raw.get("gpu"), dict):
        complete["gpu"] = {**gpu, **expanded(gpu, "cdi", "repository_key")}
    logins = raw.get("logins")
    if isinstance(logins, dict):
        paths = {"oidc": ("client_secret",), "ldap": ("bind_password", "ca_certificates")}
        complete["logins"] = logins | {
            kind: {**table, **expanded(table, *keys)}
            for kind, keys in paths.items()
            if isinstance(table := logins.get(kind), dict)
        }
    return complete


def _packages(given: dict[str, Any]) -> dict[str, Any]:
    machine = dataclasses.asdict(packages_from_machine())
    complete = {key: value for key, value in machine.items() if value is not None} | given
    certificates = complete.get("ca_certificates")
    if isinstance(certificates, list | tuple):
        complete["ca_certificates"] = [
            absolute(path) if isinstance(path, str) else path for path in certificates
        ]
    return {**complete, **expanded(complete, "rstudio_file")}


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


def _former(raw: dict[str, Any]) -> list[str]:
    """Take the settings of earlier versions out of `raw`, and return what to do about each."""
    found = []
    for table, key in (("bases", "source_readers"), ("profiles", "groups")):
        holders = raw.get(table)
        for slug, holder in holders.items() if isinstance(holders, dict) else ():
            if isinstance(holder, dict) and holder.pop(key, None) is not None:
                found.append(
                    f"{table}.{slug}.{key}: rights are those of projects now: make migrate-projects SITE=… writes "
                    "them from the groups"
                )
    return found


def expanded(table: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: absolute(table[key]) for key in keys if isinstance(table.get(key), str)}


def absolute(path: str) -> str:
    """Return an absolute path on the operator's machine: `~/` is the operator's home, other paths start at the
    checkout."""
    home = Path.home() / path.removeprefix("~/") if path.startswith("~/") else path
    return os.path.normpath(ROOT / home)


def _around(site: Site, root: Path) -> Iterator[Check]:
    """Yield the checks of the files that the site names on this machine, and of its accounts file."""
    yield partial(_absent_certificates, site)
    yield partial(_absent_rstudio, site)
    yield partial(_absent_tls_files, site)
    yield partial(_absent_ssh_files, site)
    yield partial(absent_texts, site)
    yield partial(_open_secrets_of_logins, site)
    yield partial(_absent_authorities_of_the_directory, site)
    yield partial(_undescribed_cards, site)
    yield from people(
        site,
        root=root,
        accounts_too=lambda accounts: [partial(_operators_who_are_analysts, site, accounts)],
        projects_too=lambda projects: [partial(_groups_of_no_directory, site, projects)],
    )


def _absent_certificates(site: Site) -> Iterator[str]:
    for index, certificate in enumerate(site.packages.ca_certificates):
        yield from absent(f"packages.ca_certificates[{index}]", certificate)


def _absent_rstudio(site: Site) -> Iterator[str]:
    yield from absent("packages.rstudio_file", site.packages.rstudio_file)


def _absent_tls_files(site: Site) -> Iterator[str]:
    yield from absent("tls.certificate", site.tls.certificate)
    yield from absent("tls.key", site.tls.key)


def _absent_ssh_files(site: Site) -> Iterator[str]:
    if site.box is None:
        yield from absent("server.ssh.key", key := site.server.ssh.key)
        if key and key.is_file() and is_in_hardware(key):
            yield (
                f"server.ssh.key: {key} is a key in hardware, which deploys use through an agent alone: leave "
                "the setting out, and `ssh-add` the key to an agent that holds no other"
            )
        yield from absent("server.ssh.known_hosts", site.server.ssh.known_hosts)


def _open_secrets_of_logins(site: Site) -> Iterator[str]:
    if site.logins.oidc is not None:
        yield from open_secret(
            "logins.oidc.client_secret", site.logins.oidc.client_secret, form=rb"[!-~]+"
        )
    if site.logins.ldap is not None and site.logins.ldap.bind_password is not None:
        # In sssd.conf, where spaces at the ends of a value are lost.
        yield from open_secret(
            "logins.ldap.bind_password",
            site.logins.ldap.bind_password,
            form=rb"[!-~]([ -~]*[!-~])?",
        )


def _absent_authorities_of_the_directory(site: Site) -> Iterator[str]:
    if site.logins.ldap is not None:
        yield from absent("logins.ldap.ca_certificates", site.logins.ldap.ca_certificates)


def _undescribed_cards(site: Site) -> Iterator[str]:
    yield from absent("gpu.repository_key", site.gpu.repository_key)
    path = site.gpu.cdi
    if path is None:
        return
    if not path.is_file():
        yield from absent("gpu.cdi", path)
        return
    try:
        described = described_devices(path.read_bytes())
    except ValueError as wrong:
        yield f"gpu.cdi: {path} is no CDI specification in JSON: {wrong}"
        return
    if missing := [name for name in site.gpu.devices if name not in described]:
        yield (
            f"gpu.cdi: {path} does not describe {', '.join(missing)}. It describes: {', '.join(described) or 'none'}"
        )


def _operators_who_are_analysts(site: Site, accounts: Sequence[Account]) -> Iterator[str]:
    for account in accounts:
        if account.login in site.access.operators:
            index = site.access.operators.index(account.login)
            yield (
                f"access.operators[{index}]: {account.login} is an analyst in {site.accounts}; "
                "analysts have no shell, an operator needs another account"
            )


def _groups_of_no_directory(site: Site, projects: Sequence[Project]) -> Iterator[str]:
    for project in projects:
        if project.groups and site.logins.kind != "ldap":
            yield (
                f"projects: projects.{project.slug}.groups in {site.projects}: groups are those of a directory, and "
                f'logins.kind is "{site.logins.kind}"'
            )
