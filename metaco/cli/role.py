"""`metaco role`: who is on the team."""

from __future__ import annotations

import inspect
from argparse import Namespace
from pathlib import Path
from typing import Any

from metaco.cli.code import Code
from metaco.cli.exit_codes import CONFIGURATION
from metaco.cli.options import Add, verbose
from metaco.cli.parser import UsageError
from metaco.cli.screen import add_row, clean, draw, line, out, table
from metaco.core.document import Document
from metaco.core.errors import MetacoError
from metaco.role import Role, actions
from metaco.sop.steps import Step, built_in_roles, resolve

__all__ = ["options", "role"]


def options(add: Add) -> None:
    """Declare the options."""
    add("what", choices=("list", "show"), metavar="list|show")
    add("name", nargs="?", metavar="NAME", help="a role, or module:Class")
    verbose(add)


def role(args: Namespace) -> int:
    """List roles, or show one."""
    if args.what == "list":
        return _list_roles()
    if not args.name:
        raise UsageError("role show needs a name.", "`metaco role list` shows the names.")
    if ":" in args.name:  # the person names what to import
        Code([args.name.partition(":")[0]], [Path.cwd()]).install()
    role_class, role_name = resolve(args.name)
    _show_role(role_class, role_name)
    return 0


def _list_roles() -> int:
    made, code = table("role", "about", "actions", whole=("role",)), 0
    for name in built_in_roles():
        try:
            role_class, _ = resolve(name)
        except (MetacoError, ImportError) as error:
            add_row(made, name, f"broken: {line(error)}", "")
            code = CONFIGURATION
            continue
        add_row(made, name, _about(role_class), ", ".join(actions(role_class)))
    draw(made)
    return code


def _show_role(role_class: type[Role], role_name: str) -> None:
    from rich.text import Text

    draw(Text(role_name, "bold").append(f"  {_about(role_class)}", "not bold"))
    source = inspect.getsourcefile(role_class) or ""
    draw(Text(str(Path(source).parent), "dim"))
    if files := _prompts(role_class, Path(source).parent, "system"):
        draw(Text(", ".join(files), "dim"))
    out("")
    kinds: dict[type[Document], None] = {}
    for name in actions(role_class):
        step = Step(role_class, name, role_name=role_name)
        out(f"  {step}")
        if text := inspect.getdoc(getattr(role_class, name)):
            draw(Text(f"      {line(text.partition(chr(10))[0])}", "dim"))
        if files := _prompts(role_class, Path(source).parent, name):
            draw(Text(f"      {', '.join(files)}", "dim"))
        kinds.update(dict.fromkeys(step.outputs))
    for kind in kinds:
        out("")
        draw(Text(f"  {kind.__name__}", "bold").append(f"  {_about(kind)}", "not bold"))
        for field, info in kind.model_fields.items():
            description = f"  {info.description}" if info.description else ""
            out(f"    {field}: {_type(info.annotation)}{clean(description)}")


def _prompts(role_class: type[Role], folder: Path, name: str) -> list[str]:
    """Return the files of a prompt: of this role, or of all that are in its folder."""
    stems = (f"{role_class.__name__}.{name}", name)
    found = [path for stem in stems for path in sorted(folder.glob(f"prompts/{stem}.*"))]
    return [path.relative_to(folder).as_posix() for path in found]


def _about(thing: type[Any]) -> str:
    return line((inspect.getdoc(thing) or "").partition("\n")[0])


def _type(hint: Any) -> str:
    """Return a type as one writes it, without the modules."""
    import re

    text = hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__args__") else str(hint)
    return re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", text)
