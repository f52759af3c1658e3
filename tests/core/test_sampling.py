"""How replies are drawn: what may be said of it, and who is heard."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from metaco import Attachment, ConfigurationError, Request, Sampling
from metaco.core.redaction import redact

ASK = Request(
    role="critic",
    action="review",
    system="Be brief.",
    prompt="What of this?",
    rejected_replies=(("a", "b"),),
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 2.1},
        {"temperature": -0.1},
        {"temperature": "hot"},
        {"temperature": True},
        {"temperature": math.nan},
        {"top_p": 0},
        {"top_p": 1.5},
        {"seed": 1.0},
        {"seed": 2**63},
        {"effort": "huge"},
        {"effort": ["low"]},
        {"max_tokens": 0},
        {"max_tokens": 10.0},
        {"stop": "END"},
        {"stop": [""]},
        {"headers": {"Authorization": "Bearer x"}},
        {"headers": {"X-Team": "a\nb"}},
        {"headers": {"X Team": "a"}},
        {"headers": "X-Team: a"},
        {"extra_body": {"model": "another"}},
        {"extra_body": {"n": 100}},
        {"extra_body": {"x": {1, 2}}},
        {"extra_body": {"x": math.inf}},
    ],
)
def test_what_cannot_be_used_is_refused_with_what_can(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ConfigurationError, match=f"The sampling parameter {name} cannot be") as one:
        Sampling(**wrong)
    assert one.value.remedy.startswith("Give ")
    with pytest.raises(ConfigurationError, match=rf"{name} \(here\) cannot be"):
        Sampling.of(wrong, "here")


def test_a_header_is_in_no_message() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Sampling(headers={"X-Key": "secret\n"})
    assert "secret" not in str(caught.value)


def test_a_name_that_is_not_known_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no parameter 'temprature'") as caught:
        Sampling.of({"temprature": 1}, "here")
    assert "temperature" in caught.value.remedy
    with pytest.raises(ConfigurationError, match="is not a table"):
        Sampling.of(0.2, "here")


def test_the_most_specific_wins() -> None:
    usual = Sampling(temperature=0.7, seed=1, headers={"A": "1", "B": "1"}, extra_body={"k": 1})
    special = Sampling(temperature=0.0, stop=("END",), headers={"B": "2"}, extra_body={"m": 2})
    assert usual.replaced_by(special) == Sampling(
        temperature=0.0,
        seed=1,
        stop=("END",),
        headers={"A": "1", "B": "2"},
        extra_body={"k": 1, "m": 2},
    )
    assert usual.replaced_by(None) == usual.replaced_by(Sampling()) == usual


def test_the_digest_is_that_of_old_logs_where_nothing_is_said() -> None:
    assert ASK.digest() == "425544a6a4d84d5934a49aef73f67af1"
    digests = {
        ASK.digest(),
        *(
            Request(role="r", action="a", system="", prompt="p", sampling=sampling).digest()
            for sampling in (
                Sampling(),
                Sampling(temperature=0),
                Sampling(top_p=0.5),
                Sampling(seed=0),
                Sampling(effort="low"),
                Sampling(max_tokens=5),
                Sampling(stop=("a",)),
                Sampling(headers={"A": "1"}),
                Sampling(extra_body={"k": 1}),
            )
        ),
    }
    assert len(digests) == 10


def test_logs_and_digests_hold_the_names_of_headers_only() -> None:
    one, other = Sampling(headers={"X-Key": "secret"}), Sampling(headers={"X-Key": "changed"})
    assert one.dump() == other.dump() == {"headers": ["X-Key"]}
    Sampling(headers={"X-Key": "canary-header-0123"})
    assert redact("It said canary-header-0123.") == "It said ***."


def test_a_file_that_goes_with_a_prompt_is_part_of_the_digest_by_its_content() -> None:
    files = [Attachment("a.png", b"1"), Attachment("a.png", b"2"), Attachment("a.pdf", b"1")]
    assert len({replace(ASK, attachments=(each,)).digest() for each in files} | {ASK.digest()}) == 4
    assert "1" not in repr(Attachment("a.png", b"1"))
    assert [each.media_type for each in files] == ["image/png", "image/png", "application/pdf"]
    assert Attachment("odd.xyzzy", b"").media_type == "application/octet-stream"


def test_the_limit_of_a_reply_is_part_of_it() -> None:
    assert ASK.drawn_by(Sampling()).max_tokens == 16_384
    assert ASK.drawn_by(Sampling(max_tokens=9)).max_tokens == 9


@pytest.mark.parametrize("temperature", [None, 0.0, 0.9, 1.9])
def test_what_is_varied_draws_another_reply(temperature: float | None) -> None:
    before = Sampling(temperature=temperature, seed=7, top_p=0.5)
    after = before.varied()
    assert (after.seed, after.top_p) == (8, 0.5)
    assert after.temperature is not None and after.temperature > (temperature or 0.0)
