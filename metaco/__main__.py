"""``python -m metaco`` is ``metaco``."""

import sys

from metaco.cli import main

sys.exit(main())
