"""`python -m infra.settings NAME`: checks a site's file and prints every setting with its value."""

import os
import sys

from infra.settings.cluster_file import load_target
from infra.settings.site import SiteError


def main() -> None:
    for name in sys.argv[1:] or [os.environ.get("SITE") or "box"]:
        try:
            print(load_target(name).model_dump_json(indent=2))
        except SiteError as wrong:
            sys.exit(str(wrong))


if __name__ == "__main__":
    main()
