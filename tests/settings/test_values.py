"""The values of settings are those that `Settings` has."""

from __future__ import annotations

from dataclasses import fields

from metaco.settings import Settings
from metaco.settings.values import TABLES, TYPES

COMPUTED = {"lowered", "sources", "keys"}


def test_every_setting_has_its_type() -> None:
    defaults = {field.name: field.default for field in fields(Settings)}
    assert {*TYPES, *TABLES} == defaults.keys() - COMPUTED
    assert {name: type(defaults[name]) for name in TYPES} == TYPES
