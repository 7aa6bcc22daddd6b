"""``python -m openchronic``."""

import sys

from openchronic.cli import main

sys.exit(main())
