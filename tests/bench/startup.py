"""How long it takes to start, as ratios to a bare `python -c pass` (median of whole processes).

python tests/bench/startup.py [RUNS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "import metaco": ["-c", "import metaco"],
    "metaco --help": ["-m", "metaco", "--help"],
    "metaco --version": ["-m", "metaco", "--version"],
    "from metaco import Company": ["-c", "from metaco import Company"],
}


def seconds(arguments: list[str], runs: int) -> float:
    def once() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        return time.perf_counter() - began

    once()  # byte code and caches
    return statistics.median(once() for _ in range(runs))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    bare = seconds(["-c", "pass"], runs)
    print(f"python -c pass: {bare * 1000:.0f} ms")
    for name, arguments in COMMANDS.items():
        taken = seconds(arguments, runs)
        print(f"{name}: {taken * 1000:.0f} ms = {taken / bare:.1f} x")


if __name__ == "__main__":
    main()
