"""Run the program with `python -m`."""

import sys

from markdown.cli import main

if __name__ == "__main__":
    sys.exit(main())
