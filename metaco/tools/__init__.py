"""Tools: what a turn may use besides its model.

Everything stands on its own: a `Tool` is called with what a model gave and returns a `ToolResult`
that can be logged. Who calls models and logs results is above this package.
"""

from metaco.core.tool_calls import Exchange, ToolCall
from metaco.tools.calls import call_tool, described, in_text, parse_calls, with_calls
from metaco.tools.compaction import compact
from metaco.tools.fetch import Fetch
from metaco.tools.files import Files
from metaco.tools.memory import Memory
from metaco.tools.permissions import Rules, Verdict, decide
from metaco.tools.repeats import Repeat, Repeats
from metaco.tools.skills import Skill, Skills, read_agents_md
from metaco.tools.tool import Tool, ToolResult, tool, tools_by_name
from metaco.tools.workbench import Workbench

__all__ = [
    "Exchange",
    "Fetch",
    "Files",
    "Memory",
    "Repeat",
    "Repeats",
    "Rules",
    "Skill",
    "Skills",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Verdict",
    "Workbench",
    "call_tool",
    "compact",
    "decide",
    "described",
    "in_text",
    "parse_calls",
    "read_agents_md",
    "tool",
    "tools_by_name",
    "with_calls",
]
