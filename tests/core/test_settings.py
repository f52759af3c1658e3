"""Settings: the strongest source wins, and everything wrong is said with its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from metaco.errors import ConfigurationError
from metaco.settings import Settings


def load(folder: Path, given: dict[str, Any] | None = None, **environment: str) -> Settings:
    environment.setdefault("XDG_CONFIG_HOME", str(folder / "config"))
    return Settings.load(given, folder=folder, environment=environment)


def test_the_strongest_source_wins(tmp_path: Path) -> None:
    user = tmp_path / "config" / "metaco"
    user.mkdir(parents=True)
    layers = [
        (tmp_path / ".env", "METACO_MODEL=one\n", ".env"),
        (user / "metaco.toml", 'model = "two"\n', str(user / "metaco.toml")),
        (tmp_path / "pyproject.toml", '[tool.metaco]\nmodel = "three"\n', "pyproject.toml"),
        (tmp_path / "metaco.toml", 'model = "four"\n', "metaco.toml"),
    ]
    assert load(tmp_path).model == ""
    for path, text, source in layers:
        path.write_text(text)
        settings = load(tmp_path)
        assert settings.model in text
        assert settings.sources["model"] == source
    assert load(tmp_path, METACO_MODEL="five").model == "five"
    settings = load(tmp_path, {"model": "six", "parallel": None}, METACO_MODEL="five")
    assert (settings.model, settings.parallel) == ("six", 32)
    assert settings.sources["model"] == "the command line"


def test_roles_add_up(tmp_path: Path) -> None:
    (tmp_path / "metaco.toml").write_text('role_models = {engineer = "a", architect = "b"}\n')
    settings = load(tmp_path, METACO_MODEL_ENGINEER="c", METACO_MODEL="d")
    assert settings.model_of("engineer") == "c"
    assert settings.model_of("architect") == "b"
    assert settings.model_of("qa_engineer") == "d"


def test_the_model_when_none_is_named(tmp_path: Path) -> None:
    assert load(tmp_path).chosen_model == "offline"
    keyed = load(tmp_path, OPENAI_API_KEY="k")
    assert keyed.chosen_model.startswith("openai:")
    assert keyed.api_key == "k"
    assert "k'" not in repr(keyed)
    assert load(tmp_path, OPENAI_API_KEY="k", METACO_API_KEY="mine").api_key == "mine"
    assert load(tmp_path, OPENAI_API_KEY="k", METACO_MODEL="offline").chosen_model == "offline"
    assert load(tmp_path, OPENAI_BASE_URL="http://x").base_url == "http://x"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model = \n", "cannot be read"),
        ("modell = 'a'\n", "no setting 'modell' (metaco.toml). Settings are model"),
        ("parallel = 'many'\n", "parallel = 'many' (metaco.toml) is no int"),
        ("parallel = 0\n", "parallel is 0 (metaco.toml). Give more than 0."),
        ("timeout = nan\n", "timeout is nan"),
        ("sandbox = 'maybe'\n", "sandbox is 'maybe' (metaco.toml). Write auto, require or off."),
        ("role_models = 'a'\n", "role_models in metaco.toml is not a table"),
        ("role_models = {a = 1}\n", "role_models in metaco.toml is not a table"),
        ("model = ['a']\n", "model = ['a'] (metaco.toml) is no str"),
    ],
)
def test_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "metaco.toml").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert message in str(caught.value)
    assert caught.value.remedy


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("not = = toml")
    assert load(tmp_path).model == ""  # it is not ours to complain about
    (tmp_path / ".env").write_bytes(b"METACO_MODEL=\xff\n")
    with pytest.raises(ConfigurationError, match=r"\.env cannot be read"):
        load(tmp_path)
