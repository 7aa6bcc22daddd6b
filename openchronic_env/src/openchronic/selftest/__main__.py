"""``python -m openchronic.selftest gpu`` says in French whether PyTorch and the graphics card compute right; ``rows``
whether all engines of the session give the same rows (``rows.py``).

Exit status of ``gpu``: 0 all that could be tried is right, also where there is no card; 1 something is wrong, or there is no
card and ``--require-gpu`` was given, or PyTorch is missing; 2 a wrong call.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from openchronic import extras
from openchronic.selftest import rows
from openchronic.selftest.cards import seen
from openchronic.selftest.report import Report, told


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m openchronic.selftest",
        description="Vérifie ce que la machine de la session calcule.",
    )
    tests = parser.add_subparsers(dest="test", required=True, metavar="ESSAI")
    gpu = tests.add_parser("gpu", help="PyTorch et la carte graphique")
    gpu.add_argument("--json", action="store_true", help="le résultat en JSON")
    gpu.add_argument(
        "--require-gpu", action="store_true", help="échoue s’il n’y a pas de carte graphique"
    )
    rows.configure(tests.add_parser("rows", help="les moteurs donnent-ils les mêmes lignes\u202f?"))
    arguments = parser.parse_args(argv)
    if arguments.test == "rows":
        return rows.run(arguments)
    found = _gpu(require=arguments.require_gpu)
    if arguments.json:
        print(json.dumps(asdict(found) | {"ok": found.ok}, ensure_ascii=False, indent=1))
    else:
        print(told(found))
    return 0 if found.ok else 1


def _gpu(*, require: bool) -> Report:
    cards = seen()
    try:
        from openchronic.selftest import gpu
    except ImportError:
        return Report(
            cards=cards,
            trouble=f"PyTorch n’est pas installé dans cet environnement\u00a0: {extras.command('torch')}.",
        )
    return gpu.report(cards, require=require)


if __name__ == "__main__":
    sys.exit(main())
