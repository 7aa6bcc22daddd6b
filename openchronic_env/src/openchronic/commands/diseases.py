"""``openchronic diseases``: lists the definitions of diseases, shows one in French, tries one on a release."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openchronic.diseases import Definition, Library
    from openchronic.releases import Release

from openchronic.runtime.options import (
    add_definitions,
    add_json,
    add_release_option,
    add_releases,
)

PLACE_IN_HELP = 85
HELP = "list the definitions of diseases with their status, show one in French, or try one on a release"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.set_defaults(refuse=parser.error)
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "show", "try"),
        default="list",
        help="list all, show one, or try a file (default: %(default)s)",
    )
    parser.add_argument(
        "what", nargs="?", metavar="NAME|FILE", help="the definition to show, the file to try"
    )
    add_release_option(
        parser,
        "list what could be answered in, or try on,",
        "none for a list, and for a trial the release in service of the only base",
    )
    add_releases(parser)
    parser.add_argument(
        "--sample",
        type=float,
        metavar="SHARE",
        help="take a share of the subjects, such as 0.01 (default: all subjects)",
    )
    add_definitions(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the list, a definition, or what a trial found."""
    from openchronic.diseases import library_with

    if (args.action == "list") != (args.what is None):
        args.refuse("list has no argument; show needs a NAME, and try a FILE")
    library = library_with(args.definitions)
    if args.action == "try":
        return _try(args, library)
    if args.action == "show":
        return _show(args, library)
    release = _chosen(args) if args.release else None
    listed = list(_listed(library, release))
    if args.json:
        print(json.dumps(listed, indent=1, ensure_ascii=False))
        return 0
    for one in listed:
        print(f"{one['name']:<24}{one['version']:>3}  {one['status']:<12}  {one['label']}")
        for note in _notes(one):
            print(f"{'':<29}{note}")
    return 0


def _chosen(args: argparse.Namespace) -> Release:
    from openchronic.releases import chosen

    release = chosen(args.release, base=None, releases=args.releases)
    return release if args.sample is None else release.sampled(args.sample)


def _listed(library: Library, release: Release | None) -> Iterator[dict[str, Any]]:
    agreements = _agreements(release) if release else {}
    told = release.manifest.get("diseases", {}) if release else {}
    lacks: dict[str, set[str]] = {}
    for part in told.get("not_computed", ()):
        lacks.setdefault(part["definition"], set()).update(part["lacks"])
    for one, form in library.forms():
        said: dict[str, Any] = {
            "name": form.name,
            "version": one.version,
            "status": one.status,
            "label": one.fr,
            "kind": one.kind,
            "source": one.source,
            "local": one.is_local,
            "codes": {name: part.status for name, part in one.codes.items()},
        }
        if release:
            said["years"] = told.get("years", {}).get(form.name, [])
            said["lacks"] = sorted(lacks.get(form.name, ()))
            said["agreement"] = agreements.get(form.name)
        yield said


def _agreements(release: Release) -> Mapping[str, dict[str, Any]]:
    """Returns the agreement of the last compared year, by definition."""
    from openchronic.quality.agreement import agreements
    from openchronic.runtime.database import open_engine, scan

    if "cartography" not in release.tables:
        return {}
    with open_engine(threads=1) as connection:
        rows = scan(release.files("cartography"), None)
        connection.execute(f"CREATE VIEW cartography AS SELECT * FROM {rows}")
        found = sorted(agreements(connection), key=lambda one: one.year)
    return {
        one.disease: {
            "year": one.year,
            "version": one.version,
            "sensitivity": one.sensitivity,
            "predictive_value": one.predictive_value,
            "kappa": one.kappa,
            "prevalence_ratio": one.prevalence_ratio,
        }
        for one in found
    }


def _notes(one: Mapping[str, Any]) -> Iterator[str]:
    worse = [f"{name} {status}" for name, status in one["codes"].items() if status != "sourced"]
    if worse:
        yield f"lists: {', '.join(worse)}"
    if one.get("years"):
        yield f"years: {', '.join(map(str, one['years']))}"
    if one.get("lacks") and not one["years"]:
        yield f"no year: {', '.join(one['lacks'][:4])} missing"
    if one.get("agreement"):
        agreed = one["agreement"]
        shown = ", ".join(
            f"{name.replace('_', ' ')} {agreed[name]:.2f}"
            for name in ("kappa", "sensitivity", "prevalence_ratio")
            if agreed[name] is not None
        )
        yield f"cartography {agreed['year']} (G{agreed['version']}): {shown or 'nobody has it'}"


def _show(args: argparse.Namespace, library: Library) -> int:
    from difflib import get_close_matches

    from openchronic.diseases import STATUSES
    from openchronic.diseases.french import told
    from openchronic.errors import SettingsError

    every = [one.name for one in library.definitions]
    if args.what not in every:
        close = ", ".join(get_close_matches(args.what, every, n=3))
        raise SettingsError(
            f"{args.what}: no such definition{f'; did you mean {close}?' if close else ''} "
            "`openchronic diseases` lists them"
        )
    one = library[args.what]
    print("\n".join(told(one)))
    labels = _labels(one)
    for name, part in one.codes.items():
        print(f"\n[{name}] {STATUSES[part.status]}")
        for vocabulary, codes in part.codes:
            for code in codes:
                print(f"  {vocabulary:<8}{code:<10}{labels.get((vocabulary, code), '')}".rstrip())
        for code in part.without:
            label = next((one for (_, own), one in labels.items() if own == code), "")
            print(f"  {'sauf':<8}{code:<10}{label}".rstrip())
    return 0


def _labels(one: Definition) -> Mapping[tuple[str, str], str]:
    """Returns the labels of the codes of a definition: official ones, those of services and of classes of drugs."""
    from openchronic.nomenclatures import labels_of, load_nomenclature

    used: dict[str, set[str]] = {}
    for part in one.codes.values():
        for vocabulary, codes in part.codes:
            used.setdefault(vocabulary, set()).update((*codes, *part.without))
    official = {(vocabulary, code): label for vocabulary, code, label in labels_of(used)}
    services = {("PRS_NAT", row["code"]): row["label"] for row in load_nomenclature("service")}
    classes = {("ATC", row["code"]): row["label"] for row in load_nomenclature("atc_class")}
    return official | services | classes


def _try(args: argparse.Namespace, library: Library) -> int:
    from openchronic.api.duck import connect
    from openchronic.diseases import read_file
    from openchronic.quality.disease_trial import tried

    one = read_file(Path(args.what))
    release = _chosen(args)
    found = tried(connect(release), release.manifest, one, library)
    if args.json:
        told = {
            "release": release.name,
            "sample": release.sample,
            "status": one.status,
            "criteria": [asdict(part) for part in found.criteria],
            "states": [
                {"definition": name, "year": year or None, "state": state, "subjects": n}
                for name, year, state, n in found.states
            ],
        }
        print(json.dumps(told, indent=1))
        return 0
    share = f", {release.sample * 100:g} % of the subjects" if release.sample else ""
    print(f"{one.name} ({one.fr}, {one.status}) on {release.name}{share}")
    for note in _notes({"codes": {name: part.status for name, part in one.codes.items()}}):
        print(note)
    print(f"\n{'criterion':<40}{'met by':>10}{'cases':>10}{'alone':>10}")
    for part in found.criteria:
        name = f"{part.form}: {part.criterion}"
        print(f"{name:<40}{part.met:>10,}{part.cases:>10,}{part.alone:>10,}")
    print()
    for name, year, state, n in found.states:
        when = f"{year}: {n:,} subjects" if year else f"{n:,} stays"
        print(f"{name}, {state}, {when}")
    if not found.states:
        print("nobody is found")
    return 0
