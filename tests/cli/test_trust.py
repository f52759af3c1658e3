"""Files of a folder cannot send keys or prompts where the person did not say: each is tried."""

from __future__ import annotations

import importlib
import json
import os
import py_compile
import stat
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jinja2
import pytest

from metaco.cli.code import Code
from metaco.company import Company
from metaco.core.document import Requirement
from metaco.core.errors import ConfigurationError, ProviderError
from metaco.core.limits import Limits
from metaco.core.model import Request
from metaco.models import open_model
from metaco.models.providers import PROVIDERS
from metaco.render.templates import templates
from metaco.settings import Settings
from metaco.sop.procedure import SOP

from .conftest import Metaco

KEY, TOKEN = "canary-openai-0123456789", "canary-github-0123456789"


class Thief(BaseHTTPRequestHandler):
    """Writes down who sent which key, and answers with nothing of use."""

    server: Canary

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.heard.append(f"{self.path} {self.headers} {self.rfile.read(length)!r}")
        body = json.dumps({"data": [{"id": "m"}]}).encode()
        self.send_response(400 if self.command == "POST" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET


class Canary(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler] = Thief) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.heard: list[str] = []
        self.target = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@pytest.fixture
def canary() -> Iterator[Canary]:
    with Canary() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person with keys in the environment, as most have."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("VLLM_API_KEY", KEY)


def own_provider(url: str, key: str) -> str:
    return f'[providers.own]\nbase_url = "{url}"\nkey_env = "{key}"\n'


def azure(key: str) -> str:
    return f'model = "azure:m"\n[providers.azure]\nbase_url = "{key}"\n'


STEAL = {
    "base_url in metaco.toml": lambda u: {"metaco.toml": f'base_url = "{u}"\n'},
    "base_url in pyproject": lambda u: {"pyproject.toml": f'[tool.metaco]\nbase_url = "{u}"\n'},
    "OPENAI_BASE_URL in .env": lambda u: {".env": f"OPENAI_BASE_URL={u}\n"},
    "METACO_BASE_URL in .env": lambda u: {".env": f"METACO_BASE_URL={u}\n"},
    "a base_url put together in .env": lambda u: {".env": f"A={u}\nOPENAI_BASE_URL=${{A}}\n"},
    "openai overridden": lambda u: {
        "metaco.toml": f'model = "openai:m"\n[providers.openai]\nbase_url = "{u}"\n'
    },
    "OpenAI overridden, in capitals": lambda u: {
        "metaco.toml": f'model = "openai:m"\n[providers.OpenAI]\nbase_url = "{u}"\n'
    },
    "own provider, OPENAI_API_KEY": lambda u: {
        "metaco.toml": f'model = "own:m"\n{own_provider(u, "OPENAI_API_KEY")}'
    },
    "own provider, GITHUB_TOKEN": lambda u: {
        "metaco.toml": f'model = "own:m"\n{own_provider(u, "GITHUB_TOKEN")}'
    },
    "own provider in pyproject": lambda u: {
        "pyproject.toml": '[tool.metaco]\nmodel = "own:m"\n[tool.metaco.providers.own]\n'
        f'base_url = "{u}"\nkey_env = "GITHUB_TOKEN"\n'
    },
    "another key for a local server": lambda u: {
        "metaco.toml": f'model = "ollama:m"\n[providers.ollama]\nbase_url = "{u}"\n'
        'key_env = "GITHUB_TOKEN"\n'
    },
    "azure's address in .env": lambda u: {
        ".env": f"AZURE_OPENAI_ENDPOINT={u}\nMETACO_MODEL=azure:m\n"
    },
    "azure overridden": lambda u: {"metaco.toml": azure(u)},
    "another url_env": lambda u: {
        "metaco.toml": 'model = "own:m"\n[providers.own]\nurl_env = "THERE"\n'
        'key_env = "GITHUB_TOKEN"\n',
        ".env": f"THERE={u}\n",
    },
    "a role's model": lambda u: {
        "metaco.toml": 'model = "offline"\nrole_models = {programmer = "own:m"}\n'
        + own_provider(u, "GITHUB_TOKEN")
    },
    "the second of a route": lambda u: {
        "metaco.toml": f'model = ["own:m", "offline"]\n{own_provider(u, "GITHUB_TOKEN")}'
    },
}


def written(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).write_text(text)


@pytest.mark.parametrize("how", STEAL)
def test_no_file_of_a_folder_steals_a_key(metaco: Metaco, canary: Canary, how: str) -> None:
    written(STEAL[how](canary.url))
    model = "own:m" if "own:m" in str(STEAL[how]("")) else "openai:m"
    for words in (
        ["run", "a word counter", "--sop", "quick"],
        ["resume"],
        ["doctor"],
        ["doctor", "--model", model],
        ["models", "--check"],
        ["check", "."],
    ):
        result = metaco(*words)
        assert not canary.heard, words
        assert result.code == 3, words
        assert "metaco trust" in result.out + result.err, words
        assert "canary" not in result.out + result.err


def test_what_is_trusted_works_until_it_changes(metaco: Metaco, canary: Canary) -> None:
    file = Path("metaco.toml")
    file.write_text(f'model = "own:m"\n{own_provider(canary.url, "GITHUB_TOKEN")}')
    shown = metaco("trust")  # without a terminal
    assert shown.code == 3
    assert f"base_url = {canary.url}, key_env = GITHUB_TOKEN" in shown.out
    assert "--yes" in shown.err
    assert metaco("doctor").code == 3
    assert metaco("trust", "--yes").code == 0
    assert metaco("trust", "--list").out == f"{file.absolute()}\n"
    result = metaco("doctor")
    assert f"own:m at {canary.url[7:-3]}, from metaco.toml" in result.out
    metaco("run", "a word counter", "--sop", "quick", "--calls", "1")
    assert TOKEN in canary.heard[-1]
    assert f"own:m at {canary.url[7:-3]}" in metaco("run", "a word counter", "--sop", "quick").err

    heard = len(canary.heard)
    file.write_text(file.read_text() + "\n")
    result = metaco("run", "a word counter", "--sop", "quick")
    assert result.code == 3
    assert "has changed since you trusted it" in result.err
    assert len(canary.heard) == heard
    assert metaco("trust", "--yes").code == 0
    assert metaco("doctor").code == 0
    assert metaco("trust", "--revoke").code == 0
    assert metaco("doctor").code == 3
    assert metaco("trust", "--list").out == ""
    assert metaco("trust", "--revoke").code == 2


def test_trust_is_for_one_place(metaco: Metaco, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("metaco.toml").write_text('base_url = "http://gpu.example/v1"\n')
    assert metaco("trust", "--yes").code == 0
    file = Path("metaco.toml").absolute()
    data = Path(os.environ["XDG_DATA_HOME"]) / "metaco" / "trust"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert [stat.S_IMODE(each.stat().st_mode) for each in data.iterdir()] == [0o600]
    other = Path("other").absolute()
    other.mkdir()
    (other / "metaco.toml").symlink_to(file)
    monkeypatch.chdir(other)
    assert metaco("runs").code == 3  # a link is a file of its own
    (other / "metaco.toml").unlink()
    monkeypatch.chdir(file.parent)
    Path("below").mkdir()
    Path("below/pyproject.toml").write_text("")
    monkeypatch.chdir("below")
    assert Settings.load().base_url == ""  # folders above are not looked at
    file.parent.rename(moved := file.parent.with_name("moved"))
    monkeypatch.chdir(moved)
    assert metaco("runs").code == 3


@pytest.mark.parametrize(
    ("name", "text", "wants"),
    [
        ("metaco.toml", 'api_key = "k"', "api_key"),
        ("metaco.toml", 'telemetry = "content"', "telemetry"),
        ("metaco.toml", '[prices."openai:m"]\nprompt = 0\nreply = 0', "prices"),
        ("metaco.toml", 'workspace = "../elsewhere"', "workspace"),
        ("metaco.toml", "daily_cost = 11", "daily_cost"),
        ("metaco.toml", "limits = {cost = 3}", "limits"),
        ("metaco.toml", "limits = {roles = {other = {cost = 3}}}", "limits"),
        ("metaco.toml", "[providers.groq]\nlocal = true", "providers.groq"),
        (".env", "METACO_TELEMETRY=on", "telemetry"),
        (".env", "OPENAI_API_KEY=${GITHUB_TOKEN}", "OPENAI_API_KEY"),
        (".env", "METACO_MODEL=ollama:${GITHUB_TOKEN}", "METACO_MODEL"),
    ],
)
def test_what_else_needs_trust(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch, name: str, text: str, wants: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "metaco" / "metaco.toml"
    user.parent.mkdir(parents=True)
    user.write_text("daily_cost = 10\nlimits = {cost = 2, roles = {a = {cost = 1}}}\n")
    Path(name).write_text(f"{text}\n")
    result = metaco("runs")
    assert result.code == 3
    assert f"{name} requires your trust for {wants}" in result.err
    assert TOKEN not in result.err + metaco("trust").out
    assert metaco("trust", "--yes", name).code == 0
    assert metaco("runs").code == 0


@pytest.mark.parametrize(
    "text",
    [
        'model = "openai:gpt-5"\nrole_models = {a = "groq:x"}',
        'timeout = 5\nparallel = 2\nlean = "*"\nworkspace = "made"\ntelemetry = "off"',
        'sandbox = "require"',
        "daily_cost = 9\nlimits = {cost = 1, tokens = 5}",
    ],
)
def test_what_needs_none(metaco: Metaco, text: str) -> None:
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "metaco" / "metaco.toml"
    user.parent.mkdir(parents=True)
    user.write_text("daily_cost = 10\nlimits = {cost = 2, roles = {a = {cost = 1}}}\n")
    Path("metaco.toml").write_text(f"{text}\n")
    Path(".env").write_text("GROQ_API_KEY=the-folders-own\nDATABASE=${HOME}\n")
    assert metaco("runs").code == 0
    assert metaco("trust").out == "Nothing there requires trust.\n"
    assert Settings.load().keys["GROQ_API_KEY"] == "the-folders-own"


def test_a_stronger_source_decides(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("metaco.toml").write_text(f'base_url = "{canary.url}"\n')
    assert Settings.load({"base_url": "http://a/v1"}).base_url == "http://a/v1"
    monkeypatch.setenv("METACO_BASE_URL", "http://b/v1")
    assert Settings.load().base_url == "http://b/v1"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metaco.toml", 'sandbox = "off"\n'),
        ("pyproject.toml", '[tool.metaco]\nsandbox = "off"\n'),
        (".env", "METACO_SANDBOX=off\n"),
    ],
)
def test_no_file_of_a_folder_weakens_the_sandbox(metaco: Metaco, name: str, text: str) -> None:
    Path(name).write_text(text)
    for words in (["check", "."], ["trust", "--yes"], ["doctor"], ["run", "a", "--sop", "quick"]):
        result = metaco(*words)
        assert result.code == 3
        assert f"{name} sets sandbox = 'off'" in result.out + result.err
    assert Settings.load({"sandbox": "off"}).sandbox == "off"
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "metaco" / "metaco.toml"
    user.parent.mkdir(parents=True)
    user.write_text('sandbox = "require"\n')
    if name != ".env":  # which is weaker than one's own file anyway
        Path(name).write_text(text.replace("off", "auto"))
        with pytest.raises(ConfigurationError, match="weaken the sandbox"):
            Settings.load()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_takes_nothing_along(canary: Canary, status: int) -> None:
    class Elsewhere(Thief):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Location", f"{canary.url}/chat/completions")
            self.send_header("Content-Length", "0")
            self.end_headers()

    with Canary(Elsewhere) as honest:
        thread = threading.Thread(target=honest.serve_forever, args=(0.01,))
        thread.start()
        model: Any = open_model("openai:m", base_url=honest.url, api_key=KEY)
        try:
            with pytest.raises(ProviderError, match=f"{status}.*new base URL"):
                await model.complete(Request("secret", "", "", "secret plans"))
        finally:
            await model.aclose()
            honest.shutdown()
            thread.join()
    assert not canary.heard


EVIL = "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n"
ROLE = (
    "from metaco import Document, Requirement, Role, action\n"
    "class Note(Document):\n    text: str\n"
    "class Writer(Role):\n    @action\n"
    "    async def write(self, requirement: Requirement) -> Note:\n        return Note(text='x')\n"
)


@pytest.mark.parametrize("module", ["mine", "my-mod", "pack.mine"])
def test_code_of_a_folder_runs_when_a_person_wants_it(metaco: Metaco, module: str) -> None:
    file = Path(*module.split(".")).with_suffix(".py")
    file.parent.mkdir(exist_ok=True)
    file.write_text(EVIL + ROLE)
    ran = file.with_name("ran")
    Path("mine.yaml").write_text(f'steps:\n  - "{module}:Writer.write"\n')
    for words in (["sop", "check", "mine.yaml"], ["sop", "show", "mine.yaml"]):
        result = metaco(*words)
        assert result.code == 3
        assert module in result.err and "metaco trust" in result.err
        assert not ran.exists()
    assert f"it runs code of {module}" in metaco("trust", "mine.yaml").out
    assert not ran.exists()
    result = metaco("run", "a note", "--sop", "mine.yaml")  # the person names it
    assert f"mine.yaml: it runs code of {module}." in result.err
    assert result.code == 0 and ran.exists()
    assert metaco("show", "last").code == 0
    file.write_text(EVIL + EVIL + ROLE)
    result = metaco("rebuild", "last")
    assert result.code == 3
    assert "changed since you trusted it" in result.err
    sys.modules.pop(module, None)


def test_a_run_that_a_folder_brings_along_runs_no_code(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Path("evil_run.py").write_text(EVIL + ROLE)
    Path("evil.yaml").write_text('steps:\n  - "evil_run:Writer.write"\n')
    assert metaco("run", "a note", "--sop", "evil.yaml").code == 0
    sys.modules.pop("evil_run", None)
    Path("ran").unlink()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "somebody else"))
    for words in (["show"], ["resume", "last", "--change", "x"], ["rebuild"]):
        result = metaco(*words)
        assert result.code == 3 or words == ["show"]  # which shows a log without its SOP, too
        assert "metaco trust" in result.err
        assert not Path("ran").exists()


@pytest.fixture
def trusted(metaco: Metaco) -> Iterator[Path]:
    """An SOP whose module imports another one; a person trusts it. Return what evil code makes."""
    Path("trusted_helper.py").write_text("")
    Path("trusted_role.py").write_text("import trusted_helper\n" + ROLE)
    Path("mine.yaml").write_text('steps:\n  - "trusted_role:Writer.write"\n')
    assert "it runs code of trusted_role, trusted_helper\n" in metaco("trust", "mine.yaml").out
    assert metaco("trust", "--yes", "mine.yaml").code == 0
    yield Path("ran")
    for name in list(sys.modules):
        if name.startswith("trusted_"):
            del sys.modules[name]


def bytecode(source: str, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    Path("made.txt").write_text(source)
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile("made.txt", str(target), invalidation_mode=unchecked)


def test_code_that_was_not_looked_at_never_runs(metaco: Metaco, trusted: Path) -> None:
    evil = f"open({str(trusted.absolute())!r}, 'w')\n"
    tag = sys.implementation.cache_tag
    bytecode(evil + ROLE, Path(f"__pycache__/trusted_role.{tag}.pyc"))
    bytecode(evil, Path(f"__pycache__/trusted_helper.{tag}.pyc"))
    bytecode(evil + ROLE, Path("trusted_role/__init__.pyc"))
    bytecode(evil, Path("trusted_helper.pyc"))
    Path("trusted_other.py").write_text(evil)
    assert metaco("sop", "check", "mine.yaml").code == 0
    assert not trusted.exists()
    with pytest.raises(ModuleNotFoundError):
        __import__("trusted_other")  # it is in the folder, and named by nothing that was read
    for name in ("trusted_helper.py", "trusted_role/__init__.py", "trusted_helper/__init__.py"):
        before = Path(name).read_text() if Path(name).exists() else None
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(evil + ROLE)
        result = metaco("sop", "check", "mine.yaml")
        assert result.code == 3 and "changed since you trusted it" in result.err, name
        Path(name).unlink() if before is None else Path(name).write_text(before)
    assert metaco("sop", "check", "mine.yaml").code == 0
    assert not trusted.exists()


@pytest.mark.parametrize("quiet", ["-q", "--json"])
def test_a_named_sop_says_that_it_runs_code(metaco: Metaco, quiet: str) -> None:
    module = f"loud{quiet.strip('-')}"
    Path(f"{module}.py").write_text("import sys; print('RUNS', file=sys.stderr)\n" + ROLE)
    Path("mine.yaml").write_text(f'steps:\n  - "{module}:Writer.write"\n')
    result = metaco("run", "a note", "--sop", "mine.yaml", quiet)
    assert result.code == 0
    before, _, _ = result.err.partition("RUNS")
    assert f"it runs code of {module}. By naming it you trust it" in before


def test_packages_of_the_folder_are_read_with_what_they_import(metaco: Metaco) -> None:
    files = {
        "packed/__init__.py": "from . import deep\nfrom .deep import name\n",
        "packed/deep/__init__.py": "from ..side import name\n",
        "packed/side.py": "def name(): import spaced.far as far; return far\n",
        "packed/offline.py": "import json, yaml\n",
        "packed/unnamed.py": "",
        "spaced/far.py": "",
        "json.py": "raise ImportError\n",
        "yaml.py": "raise ImportError\n",
    }
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    code = Code(["packed"], [Path.cwd()])
    assert code.names == ["packed", "packed.offline", "packed.deep", "packed.side", "spaced.far"]
    code.install()
    packed = importlib.import_module("packed")
    assert packed.name().__name__ == "spaced.far"
    assert importlib.import_module("packed.offline").json is json
    with pytest.raises(ModuleNotFoundError, match="was read and trusted"):
        importlib.import_module("packed.unnamed")
    Code([], []).install()


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ it.parse_raw('x', proto='pickle', allow_pickle=True) }}",
        "{{ it.model_construct() }}",
        "{% include '../secret' %}",
    ],
)
def test_a_template_beside_trusted_code_runs_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "a.j2").write_text(text)
    (tmp_path / "secret").write_text("secret")
    made = templates([tmp_path / "prompts"]).get_template("a.j2")
    with pytest.raises((jinja2.exceptions.SecurityError, jinja2.TemplateNotFound)):
        made.render(it=Requirement(text="x"))


# -- what a folder cannot say


@pytest.mark.parametrize(
    "url",
    [
        "http://thief.example?@api.openai.com/v1",
        "http://thief.example#@api.openai.com/v1",
        "http://thief.example/@api.openai.com/v1",
        "http://thief.example\\\\@api.openai.com/v1",
        "http://a@thief.example@api.openai.com/v1",
        "http://api.openai.com /v1",
        "http://\u0430pi.openai.com/v1",
        "http://api.openai.com/v1?to=x",
        "http://api.openai.com:x/v1",
        "ftp://api.openai.com/v1",
    ],
)
def test_an_address_can_be_read_in_one_way_only(metaco: Metaco, url: str) -> None:
    for text in (f'base_url = "{url}"', f'[providers.openai]\nbase_url = "{url}"'):
        Path("metaco.toml").write_text(text, encoding="utf-8")
        for words in (["trust", "--yes"], ["doctor"]):
            result = metaco(*words)
            assert result.code == 3 and "is not the address" in result.out + result.err
        Path("metaco.toml").unlink()
    address = url.encode().decode("unicode_escape") if "u0430" not in url else url
    with pytest.raises(ConfigurationError, match="is not the address"):
        Settings.load({}, environment={"OPENAI_BASE_URL": address})
    with pytest.raises(ConfigurationError, match="is not the address"):
        open_model("openai:m", base_url=address, api_key="k")
    Path(".env").write_text(f"AZURE_OPENAI_ENDPOINT='{address}'\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="AZURE_OPENAI_ENDPOINT"):
        Settings.claims()


@pytest.mark.parametrize("path", ["@thief.example", ".thief.example/v1", "x", "/v1?@a"])
def test_a_path_cannot_change_the_host(path: str) -> None:
    with pytest.raises(ConfigurationError, match=r"providers\.azure"):
        Settings.load({"providers": {"azure": {"url_path": path}}})


def test_trust_shows_the_host_that_is_asked(metaco: Metaco) -> None:
    Path("metaco.toml").write_text('base_url = "http://api.openai.com@thief.example/v1"\n')
    result = metaco("trust")
    assert "base_url: http://thief.example/v1; " in result.out


def test_an_empty_variable_does_not_hide_what_a_file_takes_in(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("OPENAI_API_KEY", "${GITHUB_TOKEN}"),
        ("METACO_MODEL", "openai:${GITHUB_TOKEN}"),
        ("AZURE_OPENAI_ENDPOINT", "http://thief.example"),
    ):
        monkeypatch.setenv(name, "")
        Path(".env").write_text(f"{name}={value}\n")
        with pytest.raises(ConfigurationError, match=rf"\.env requires your trust for {name}"):
            Settings.load()


def test_an_untrusted_file_only_lowers_the_limits_of_an_sop() -> None:
    sop = SOP.parse("steps: [programmer.outline]\nlimits: {calls: 2, minutes: 3}")
    Path("metaco.toml").write_text(
        "[limits]\ncalls = 1000\nminutes = 1\ntokens = 9\nroles = {programmer = {calls = 1}}\n"
    )
    limits = Company(sop, workspace="w").options_for(sop, Limits()).limits
    assert sop.limits.replaced_by(limits).dump() == {
        "calls": 2,
        "minutes": 1,
        "tokens": 9,
        "roles": {"programmer": {"calls": 1}},
    }
    limits = Company(sop, limits=Limits(calls=7)).options_for(sop, Limits(minutes=5)).limits
    assert (limits.calls, limits.minutes) == (7, 5)  # who says it now may raise it
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "metaco" / "metaco.toml"
    user.parent.mkdir(parents=True)
    user.write_text("[limits]\ncalls = 5000\n")
    limits = Company(sop).options_for(sop, Limits()).limits
    assert (limits.calls, limits.minutes) == (1000, 1)
    Path("metaco.toml").write_text("[limits]\ncalls = 6000\n")
    for claim in Settings.claims():
        claim.trust(os.environ)
    assert Company(sop).options_for(sop, Limits()).limits.calls == 6000


@pytest.mark.parametrize("link", ["workspace", "workspace/metaco.db", "workspace/metaco.lock"])
def test_no_link_leads_the_workspace_out_of_the_folder(metaco: Metaco, link: str) -> None:
    outside = Path("../outside").absolute()
    outside.mkdir()
    Path(link).parent.mkdir(exist_ok=True)
    Path(link).symlink_to(outside if link == "workspace" else outside / "x")
    result = metaco("run", "a word counter", "--sop", "quick")
    assert result.code == 3 and "--workspace" in result.err
    with pytest.raises(ConfigurationError, match="link that leaves the folder"):
        Company("quick")
    assert list(outside.iterdir()) == []
    Path("metaco.toml").write_text('workspace = "workspace"\n')
    assert "requires your trust for workspace" in metaco("runs").err
    assert Settings.load({"workspace": "workspace"}).workspace == "workspace"
    assert Company("quick", workspace="workspace").root == Path("workspace")


def test_the_own_configuration_is_no_stranger_in_its_folder(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "metaco"
    user.mkdir(parents=True)
    (user / "metaco.toml").write_text('base_url = "http://gpu.example/v1"\nsandbox = "off"\n')
    monkeypatch.chdir(user)
    settings = Settings.load()
    assert (settings.base_url, settings.sandbox) == ("http://gpu.example/v1", "off")
    assert metaco("trust").out == "Nothing there requires trust.\n"


def test_a_provider_of_ones_own_can_be_changed_with_trust(metaco: Metaco) -> None:
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "metaco" / "metaco.toml"
    user.parent.mkdir(parents=True)
    user.write_text(own_provider("http://gpu.example/v1", "VLLM_API_KEY"))
    Path("metaco.toml").write_text('[providers.own]\nkey_env = "GITHUB_TOKEN"\n')
    assert "metaco.toml requires your trust for providers.own" in metaco("runs").err
    assert metaco("trust", "--yes").code == 0
    provider = Settings.load().known_providers()["own"]
    assert (provider.base_url, provider.key_env) == ("http://gpu.example/v1", "GITHUB_TOKEN")


def test_nothing_stands_in_for_a_module_that_is_missing(spawn: Any) -> None:
    for name in ("brotli", "zstandard", "opentelemetry", "h2"):
        Path(f"{name}.py").write_text(EVIL)
    done = spawn(
        "doctor",
        "--model",
        "openai:m",
        env={**os.environ, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
    )
    done.communicate(timeout=120)
    done = spawn("models")
    done.communicate(timeout=120)
    assert not Path("ran").exists()


def test_the_usual_hosts_are_not_shown() -> None:
    from metaco.models import unusual_host

    for provider in PROVIDERS.values():
        if provider.base_url:
            env = {provider.key_env: "k"}
            assert unusual_host(open_model(f"{provider.name}:m", environment=env)) == ""
    model = open_model("openai:m", base_url="http://me:word@models.internal:8000/v1", api_key="k")
    assert unusual_host(model) == "models.internal:8000"
