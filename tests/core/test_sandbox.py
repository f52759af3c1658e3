"""The limits that a caller may set."""

from __future__ import annotations

import pytest

from metaco.core.errors import ConfigurationError
from metaco.core.sandbox import SandboxLimits


@pytest.mark.parametrize("name", SandboxLimits.__slots__)
def test_limits_are_above_zero(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        SandboxLimits(**{name: 0})
