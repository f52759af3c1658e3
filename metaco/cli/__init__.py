"""The command line: ``metaco "one line of requirement"`` and the commands around it.

``main`` decides what is wanted and loads only that: help and version answer without reading a
single further module. Each command is a module; what they print goes through
`metaco.cli.screen`, so that a closed pipe, another alphabet or a hostile text harm nobody.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

HELP = """\
metaco turns one line of requirement into a tested project.

  metaco "a todo list with title, due date and priority"

Runs
  run        work on a requirement: metaco run [options] "requirement"; `run` may be left out
  demo       watch recorded replies become a tested project: no key, no cost
  resume     go on with a run: after Ctrl-C, a limit, a failure, at a gate, or with a change
  runs       list the runs of the workspace
  show       show a run: its steps, documents, failures, and what waits for you
  cost       show what a run used, by role, step and model
  rebuild    write a run's project folder again from its log
  check      look whether a delivered project still holds what its documents promise
  export     write a run's log as JSON lines, or reports of it
  record     write what models replied in a run to files, for --replay

The team
  sop        list, show or check procedures
  role       list or show roles
  new        make a role or a procedure of your own, with a test
  models     list providers of models: keys, who answers, what each can do
  trust      let files of a folder decide where prompts and keys go
  doctor     look at what is configured, and say what to do about the rest
  docs       show the documentation: metaco docs [TOPIC]

`metaco COMMAND --help` shows the options of a command. RUN is a run's name, the beginning of one,
or `last`. Without a key, metaco works by built-in rules; with OPENAI_API_KEY set, a model works.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: the arguments, without the program's name; those of the process by default.

    Returns:
        0 done; 1 delivered, but tests or P0 requirements fail, or stopped by a person; 2 usage;
        3 configuration; 4 model or provider; 5 a limit was reached; 6 waiting for an approval;
        7 internal error; 130 interrupted; 143 terminated.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help") or words == ["help"]:
        return _print(HELP, 0 if words else 2)
    if words[0] in ("-V", "--version"):
        from metaco import __version__

        return _print(f"metaco {__version__}\n", 0)

    from metaco.cli.command import execute

    return execute(words)


def _print(text: str, code: int) -> int:
    from metaco.cli.screen import flush, out

    out(text, end="")
    flush()
    return code
