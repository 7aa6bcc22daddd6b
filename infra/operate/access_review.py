"""`make access-review`: shows who may read what, since when, until when and by whom authorised, and what is to be mended.

Ends with 1 if a right that is listed is past its date, or is in force on the server and not by the files; else with 0.
"""

import argparse
import csv
import dataclasses
import datetime
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra.operate.reaching import NotReached
from infra.operate.reviewed_rights import Finding, Review, Right, review
from infra.operate.server_rights import ServerRights, server_rights
from infra.settings.grants import site_grants
from infra.settings.settings_file import SettingsError
from infra.settings.site import Site, SiteError
from infra.settings.site_file import load_site, site_path
from infra.settings.site_people import site_accounts, site_projects


@dataclass(frozen=True)
class Column:
    title: str
    text: Callable[[Right], str]
    in_table: bool = True


# Of the table and of the CSV file, which has room for all.
COLUMNS = (
    Column("login", lambda right: right.login),
    Column("name", lambda right: right.name),
    Column("project", lambda right: right.project),
    Column("reads", lambda right: ", ".join(right.bases) or "nothing"),
    Column("typed tables", lambda right: "yes" if right.source_tables else "no"),
    Column(
        "as", lambda right: right.role + (f" by the group {right.group}" if right.group else "")
    ),
    Column("since", lambda right: right.since.isoformat()),
    Column("until", lambda right: right.until.isoformat()),
    Column("state", lambda right: right.state),
    Column("last use", lambda right: right.last_use.date().isoformat() if right.last_use else "-"),
    Column("unused 90 days", lambda right: "unused" if right.unused else ""),
    Column("charter", lambda right: right.charter),
    Column("legal reference", lambda right: right.legal, in_table=False),
    Column("authorised by", lambda right: right.authorised_by),
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.operate.access_review",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--site", default=os.environ.get("SITE") or "box")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything, as JSON")
    form.add_argument("--csv", action="store_true", help="the rights as CSV; the rest to stderr")
    given = parser.parse_args(arguments)
    try:
        site_path(given.site)
    except SiteError as error:
        print(f"access-review: {error}", file=sys.stderr)
        return 2
    try:
        found = reviewed(load_site(given.site), today=datetime.date.today())  # noqa: DTZ011 the operator's day
    except SettingsError as error:
        print(f"access-review: {error}", file=sys.stderr)
        return 1
    if given.json:
        print(json.dumps(dataclasses.asdict(found), indent=2, ensure_ascii=False, default=str))
    elif given.csv:
        lines = csv.writer(sys.stdout, lineterminator="\n")
        lines.writerow(column.title for column in COLUMNS)
        lines.writerows([column.text(right) for column in COLUMNS] for right in found.rights)
        print("\n".join(findings(found)), file=sys.stderr)
    else:
        print("\n".join([*table(found.rights), *findings(found)]))
    return 0 if found.is_sound else 1


def reviewed(site: Site, *, today: datetime.date) -> Review:
    """Return the review of a site, by its files and by its server if that answers."""
    server: ServerRights | str
    try:
        server = server_rights(site)
    except NotReached as error:
        server = str(error)
    return review(
        site,
        accounts=site_accounts(site),
        projects=site_projects(site),
        granted=site_grants(site),
        server=server,
        today=today,
    )


def table(rights: list[Right]) -> Iterator[str]:
    """Yield the rights as lines of a table; columns in which nothing is said are left out."""
    rows = [[column.text(right) for column in COLUMNS] for right in rights]
    said = [
        index
        for index, column in enumerate(COLUMNS)
        if column.in_table and any(row[index] for row in rows)
    ]
    lines = [[COLUMNS[index].title for index in said]]
    lines += [[row[index] for index in said] for row in rows]
    if not rows:
        yield "No account has a right in a project."
        return
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    lines.insert(1, ["─" * width for width in widths])
    for line in lines:
        cells = (f"{cell:{width}}" for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip()


def findings(found: Review) -> Iterator[str]:
    """Yield what is to be mended, what is to be known, and the verdict."""
    yield from _section("Past their date", found.past)
    yield from _section("In force on the server alone", found.server_only)
    yield from _section("To know", found.notices)
    wrong = len(found.past) + len(found.server_only)
    verdict = f"{wrong} to mend" if wrong else "every right is within its dates"
    yield f"\naccess-review: {found.site}, {found.day}: {verdict}"


def _section(title: str, findings: list[Finding]) -> Iterator[str]:
    if findings:
        yield f"\n{title}:"
        yield from (f"  {_printable(str(finding))}" for finding in findings)


def _printable(text: str) -> str:
    """Return a text without what a terminal would act on: names of files come from the server."""
    return "".join(one if one.isprintable() else "?" for one in text)


if __name__ == "__main__":
    sys.exit(main())
