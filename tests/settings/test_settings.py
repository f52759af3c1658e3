"""Settings: the strongest source wins, and everything wrong is said with its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from metaco.core.errors import ConfigurationError
from metaco.core.limits import Limits
from metaco.settings import Settings


def load(folder: Path, given: dict[str, Any] | None = None, /, **environment: str) -> Settings:
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
    assert (settings.model, settings.parallel) == ("six", 1_000_000)
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
    there = load(tmp_path, OPENAI_BASE_URL="http://x", OPENAI_API_KEY="k")
    assert (there.base_url, there.chosen_model) == ("http://x", "openai:*")
    official = load(tmp_path, OPENAI_BASE_URL="https://api.openai.com/v1")
    assert official.chosen_model == keyed.chosen_model


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model = \n", "cannot be read"),
        ("modell = 'a'\n", "no setting 'modell' (metaco.toml). Settings are model"),
        ("parallel = 'many'\n", "parallel = 'many' (metaco.toml) is not a whole number"),
        ("parallel = 0\n", "parallel is 0 (metaco.toml). Use a value greater than 0."),
        ("timeout = nan\n", "timeout is nan"),
        ("sandbox = 'maybe'\n", "sandbox is 'maybe' (metaco.toml). Write auto, require or off."),
        ("role_models = 'a'\n", "role_models in metaco.toml is not a table"),
        ("role_models = {a = 1}\n", "role_models.a = 1 (metaco.toml) names no model"),
        ("model = ['a', 1]\n", "model = ['a', 1] (metaco.toml) names no model"),
        ("model = []\n", "model = [] (metaco.toml) names no model"),
        ("timeout = [1]\n", "timeout = [1] (metaco.toml) is not a number"),
        ("providers = 1\n", "providers in metaco.toml is not a table"),
        ("[providers.gpu]\nkey_env = 'K'\n", "[providers.gpu] has no address"),
        ("[prices.m]\nprompt = 1\n", "The price of 'm' is not a price"),
        ("daily_cost = 0\n", "daily_cost is 0.0 (metaco.toml). Use a value greater than 0."),
        ("[limits]\ncosts = 1\n", "There is no limit 'costs' (metaco.toml). Did you mean"),
        ("[limits]\ntokens = 1.5\n", "The limit tokens is 1.5 (metaco.toml)"),
        ("[limits]\nroles = {a = 1}\n", "The limits of roles are not a table (metaco.toml)"),
        ("[limits.roles.a]\nminutes = 1\n", "no limit 'minutes' (metaco.toml, a)"),
        ("[limits.roles.a]\ncost = true\n", "The limit cost is True (metaco.toml, a)"),
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


def test_routes_tables_and_keys(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GPU_KEY=canary\n")
    (tmp_path / "metaco.toml").write_text(
        'model = ["openai:gpt-5", "gpu:llama:8b"]\n'
        'role_models = {engineer = ["a:b", "c"]}\n'
        "daily_cost = 2.5\n"
        '[providers.gpu]\nbase_url = "http://gpu.example/v1"\nkey_env = "GPU_KEY"\n'
        '[prices."gpu:llama:8b"]\nprompt = 1\nreply = 2\n'
        "[limits]\ntokens = 1000\nroles = {engineer = {cost = 0.5}}\n"
    )
    known = {"XDG_DATA_HOME": str(tmp_path / "data")}
    for claim in Settings.claims(tmp_path, known):
        claim.trust(known)
    settings = load(tmp_path, DEEPSEEK_API_KEY="canary too", OTHER="x", **known)
    assert settings.model_of("architect") == "openai:gpt-5,gpu:llama:8b"
    assert settings.model_of("engineer") == "a:b,c"
    assert settings.daily_cost == 2.5
    assert settings.keys == {"DEEPSEEK_API_KEY": "canary too", "GPU_KEY": "canary"}
    assert "canary" not in repr(settings)
    model = settings.open("gpu:llama:8b")
    assert model.name == "gpu:llama:8b"
    assert "canary" not in repr(model)
    limits = Limits.of(settings.limits, "")
    assert limits == Limits(tokens=1000, roles={"engineer": Limits(cost=0.5)})
    assert load(tmp_path, METACO_MODEL="x,y", METACO_DAILY_COST="1", **known).model == "x,y"


def test_limits_are_replaced_one_by_one() -> None:
    weak = Limits(cost=1, tokens=10, roles={"a": Limits(cost=1), "b": Limits(calls=2)})
    strong = Limits(cost=2, minutes=3, roles={"a": Limits(tokens=5)})
    both = weak.replaced_by(strong)
    assert both.dump() == {
        "cost": 2,
        "tokens": 10,
        "minutes": 3,
        "roles": {"a": {"cost": 1, "tokens": 5}, "b": {"calls": 2}},
    }
    assert Limits.of(both.dump(), "") == both
    assert weak.replaced_by(None) is weak
