"""The command line: ``metaco "one line of requirement"`` and the commands around it.

``main`` loads only the command that is needed: help and version are printed without importing any
other module. Each command is a module. All output goes through `metaco.cli.screen`, which handles
closed pipes, missing characters of the encoding, and hostile text.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

HELP = """\
metaco turns one line of requirement into a tested project.

  metaco "a todo list with title, due date and priority"

Runs
  run        work on a requirement: metaco run [options] "requirement"; `run` may be omitted
  demo       watch recorded replies become a tested project: no key, no cost
  resume     continue a run: after Ctrl-C, a limit, a failure, at a gate, or with a change
  runs       list the runs of the workspace
  show       show a run: its steps, documents, failures, and what waits for you
  cost       show what a run used, by role, step and model
  rebuild    rewrite the project folder of a run from its log
  check      verify that a delivered project still matches its documents
  export     write a run's log as JSON lines, or reports of it
  record     write the replies of a run to files, for --replay

The team
  sop        list, show or check procedures
  role       list or show roles
  tools      list what a model may call, with the tools of MCP servers
  new        create a role, a procedure or a tool, with a test
  models     list providers of models: keys, status, features
  trust      let files of a folder decide where prompts and keys go
  mcp        let other agents start and watch runs: a server of the Model Context Protocol
  doctor     show the configuration, and how to fix what is missing
  docs       show the documentation: metaco docs [TOPIC]

`metaco COMMAND --help` shows the options of a command. RUN is a run's name, the beginning of one,
or `last`. Without a key, metaco uses built-in rules; with OPENAI_API_KEY set, it uses a model.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: the arguments, without the program's name; those of the process by default.

    Returns:
        0 done; 1 delivered, but tests or P0 requirements fail or something was left
        out, or stopped by a person; 2 usage;
        3 configuration; 4 model or provider; 5 a limit was reached; 6 waiting for an approval;
        7 internal error; 130 interrupted; 143 terminated.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help") or words == ["help"]:
        return _print(HELP, 0 if words else 2)
    if words[0] in ("-V", "--version"):
        from metaco import __version__

        return _print(f"metaco {__version__}\n", 0)

    try:
        from metaco.cli.command import execute

        return execute(words)
    except KeyboardInterrupt:  # before there was anything to stop
        sys.stderr.write("Interrupted.\n")
        return 130


def _print(text: str, code: int) -> int:
    from metaco.cli.screen import flush, out

    out(text, end="")
    flush()
    return code
