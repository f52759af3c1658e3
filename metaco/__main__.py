"""``python -m metaco`` is ``metaco``: nothing is imported from the current folder unasked."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the current folder, put there by -m

from metaco.cli import main

sys.exit(main())
