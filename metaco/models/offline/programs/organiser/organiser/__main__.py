"""Run the program with `python -m`."""

import sys

from organiser.cli import main

if __name__ == "__main__":
    sys.exit(main())
