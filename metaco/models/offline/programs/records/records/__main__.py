"""Run the program with `python -m`."""

import sys

from records.cli import main

if __name__ == "__main__":
    sys.exit(main())
