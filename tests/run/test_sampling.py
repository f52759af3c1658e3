"""Sampling from a provider, a role, an SOP, a line and a call: sent, logged, recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from endpoint import Handler, completion, serving
from facts import facts

from metaco import (
    Attachment,
    Company,
    ConfigurationError,
    Document,
    Reply,
    Request,
    Requirement,
    Retry,
    Role,
    Sampling,
    Settings,
    SOPError,
    action,
)
from metaco.models import open_model
from metaco.models.openai import OpenAIModel
from metaco.models.providers import known
from metaco.recording import Recording
from metaco.run.entries import CallStarted
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step
from metaco.testing import FunctionModel, Scripted


class Poem(Document):
    """A poem."""

    text: str


class Poet(Role):
    """Writes poems."""

    @action
    async def write(self, requirement: Requirement) -> Poem:
        """Write one."""
        drawn = Sampling(seed=5) if requirement.text == "the same" else None
        return Poem(text=await self.ask(str, sampling=drawn, requirement=requirement))

    @action
    async def choose(self, requirement: Requirement) -> Poem:
        """Write three and take the best."""
        drawn = [Sampling(seed=n) for n in range(3)]
        texts = [await self.ask(str, sampling=one, requirement=requirement) for one in drawn]
        return Poem(text=" ".join(texts))

    @action
    async def picture(self, requirement: Requirement) -> Poem:
        """Write about two pictures."""
        files = [Attachment(f"{n}.png", bytes([n])) for n in range(2)]
        texts = [await self.ask(str, attachments=[each]) for each in files]
        return Poem(text=" ".join(texts))

    @action
    async def mistake(self, requirement: Requirement) -> Poem:
        """Say a parameter as if it were an input."""
        return Poem(text=await self.ask(str, temperature=0.2, requirement=requirement))


TEXT = """\
name: poetry
output: Poem
sampling: {temperature: 0.4, top_p: 0.4, seed: 4}
steps:
  - tests.run.test_sampling:Poet.write: {sampling: {temperature: 0.3, stop: [END]}}
"""


@asynccontextmanager
async def opened(url: str, **more: Any) -> AsyncIterator[OpenAIModel]:
    model = open_model("openai:tiny", base_url=url, **more)
    assert isinstance(model, OpenAIModel)
    yield model
    await model.aclose()


def company(folder: Path, sop: SOP, model: Any, settings: Settings, **more: Any) -> Company:
    return Company(sop, model=model, workspace=folder, settings=settings, retry=Retry(1, 0), **more)


async def test_the_most_specific_is_sent_and_logged(tmp_path: Path) -> None:
    settings = Settings(sampling={"Poet": {"temperature": 0.5, "top_p": 0.5, "effort": "low"}})
    providers = known({"openai": {"sampling": {"temperature": 0.6, "max_tokens": 70}}})
    with serving() as endpoint:
        async with opened(endpoint.url, providers=providers) as model:
            one = company(tmp_path, SOP.parse(TEXT, "p.yaml"), model, settings)
            result = await one.run("the same")
        (body,) = endpoint.bodies
    assert result.ok
    sent = {"temperature": 0.3, "top_p": 0.4, "seed": 5, "max_tokens": 70}
    assert {name: body[name] for name in sent} == sent
    assert (body["reasoning_effort"], body["stop"]) == ("low", ["END"])
    (call,) = facts(await one.log.read(result.run), CallStarted)
    assert call.sampling == {**sent, "effort": "low", "stop": ["END"]}
    assert call.tokens < 2_000  # the limit of the reply is that of the reservation


async def test_nothing_is_logged_where_nothing_is_said(tmp_path: Path) -> None:
    sop = SOP("poetry", [Step(Poet, "write", role_name="poet")])
    one = company(tmp_path, sop, Scripted(["ok"]), Settings())
    result = await one.run("a poem")
    (call,) = facts(await one.log.read(result.run), CallStarted)
    assert call.sampling is None


async def test_a_parameter_as_an_input_is_refused_with_the_way_to_say_it(tmp_path: Path) -> None:
    sop = SOP("poetry", [Step(Poet, "mistake", role_name="poet")])
    one = company(tmp_path, sop, Scripted(["ok"]), Settings())
    (failure,) = (await one.run("a poem")).failures
    assert failure.problem == "temperature would become a part of the prompt."
    assert "Sampling(temperature=...)" in failure.remedy


async def test_a_parameter_that_the_endpoint_does_not_take_is_left_out_with_a_warning(
    tmp_path: Path,
) -> None:
    def answer(handler: Handler, body: dict[str, Any]) -> None:
        if "top_p" in body:
            message = "Unsupported parameter: 'top_p' is not supported with this model."
            handler.send(400, {"error": {"message": message}})
        else:
            handler.send(200, completion("ok", model="tiny"))

    with serving() as endpoint:
        endpoint.answer = answer
        async with opened(endpoint.url) as model:
            one = company(tmp_path, SOP.parse(TEXT, "p.yaml"), model, Settings())
            result = await one.run("x")
        assert [("top_p" in body, body["temperature"]) for body in endpoint.bodies] == [
            (True, 0.3),
            (False, 0.3),
        ]
    assert result.warnings == ("openai:tiny does not take top_p; it was left out.",)


async def test_equal_prompts_are_replayed_as_they_were_drawn(tmp_path: Path) -> None:
    def seeded(request: Request) -> Reply:
        return Reply(f"seed {request.sampling.seed}")

    sop = SOP("poetry", [Step(Poet, "choose", role_name="poet")])
    first = company(tmp_path / "a", sop, FunctionModel(seeded), Settings(), record=tmp_path / "r")
    recorded = await first.run("a poem")
    recording = Recording(tmp_path / "r")
    assert sorted(call.sampling["seed"] for call in recording.calls.values()) == [0, 1, 2]
    for call in list(recording.calls.values()):  # as if they had begun in another order
        recording.put(replace(call, repetition=3 - call.repetition))
    second = company(tmp_path / "b", sop, None, Settings(), replay=tmp_path / "r")
    again = await second.run("a poem")
    assert again.output == recorded.output == Poem(text="seed 0 seed 1 seed 2")


async def test_a_recording_is_played_under_other_settings(tmp_path: Path) -> None:
    sop = SOP("poetry", [Step(Poet, "write", role_name="poet")])
    settings = Settings(sampling={"poet": {"temperature": 0.1}})
    one = company(tmp_path / "a", sop, Scripted(["ok"]), settings, record=tmp_path / "r")
    await one.run("a poem")
    again = company(tmp_path / "b", sop, None, Settings(), replay=tmp_path / "r")
    assert (await again.run("a poem")).ok


async def test_files_are_reserved_for_logged_by_their_hash_and_replayed(tmp_path: Path) -> None:
    def sees(request: Request) -> Reply:
        (file,) = request.attachments
        return Reply(f"seen {file.data[0]}")

    sop = SOP("poetry", [Step(Poet, "picture", role_name="poet")])
    first = company(tmp_path / "a", sop, FunctionModel(sees), Settings(), record=tmp_path / "r")
    result = await first.run("pictures")
    calls = facts(await first.log.read(result.run), CallStarted)
    assert [[file["name"] for file in call.attachments] for call in calls] == [["0.png"], ["1.png"]]
    assert calls[0].attachments[0].keys() == {"name", "type", "sha256"}
    assert all(call.tokens > 40_000 for call in calls)
    recording = Recording(tmp_path / "r")
    assert len({call.key for call in recording.calls.values()}) == 2
    second = company(tmp_path / "b", sop, None, Settings(), replay=tmp_path / "r")
    again = await second.run("pictures")
    assert again.output == result.output == Poem(text="seen 0 seen 1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT.replace("0.3", "3"), "p.yaml:5: The sampling parameter temperature (this SOP)"),
        (TEXT.replace("0.4", "4", 1), "p.yaml:3: The sampling parameter temperature (this SOP)"),
        (TEXT.replace("top_p", "topp"), "p.yaml:3: There is no parameter 'topp'"),
    ],
)
def test_errors_of_an_sop_have_their_line(text: str, message: str) -> None:
    with pytest.raises(SOPError) as caught:
        SOP.parse(text, "p.yaml")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sampling = 1", "sampling in metaco.toml is not a table. Write [sampling.engineer]"),
        ("[sampling.poet]\ntemperature = 9", "temperature (poet in metaco.toml) cannot be 9."),
        ("[sampling]\npoet = 1", "sampling (poet in metaco.toml) is not a table."),
        ("[providers.openai.sampling]\nseed = 'x'", "seed ([providers.openai]) cannot be 'x'."),
        ("[sampling.poet]\nextra_body = {k = 1}", "requires your trust for sampling"),
        ("[sampling.poet.headers]\nX-Team = 'a'", "requires your trust for sampling"),
    ],
)
def test_errors_of_settings_have_their_source(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "metaco.toml").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(folder=tmp_path, environment={"XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert message in str(caught.value)


def test_a_file_of_the_folder_may_say_how_replies_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "metaco.toml").write_text("[sampling.poet]\ntemperature = 0.2\n")
    settings = Settings.load(folder=tmp_path, environment={"XDG_CONFIG_HOME": str(tmp_path / "c")})
    assert settings.sampling_of("poet") == Sampling(temperature=0.2)
    assert settings.sampling_of("critic") == Sampling()
