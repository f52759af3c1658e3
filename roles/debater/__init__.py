"""The debater speaks for a motion, or against it."""

from __future__ import annotations

from typing import Literal

from metaco.role import Role, action
from metaco.roles.documents import Motion, Speech

__all__ = ["Debater"]


class Debater(Role):
    """Argues one side as well as it can be argued, with reasons and examples."""

    @action
    async def argue_for(self, motion: Motion, speeches: list[Speech]) -> Speech:
        """Speak for the motion."""
        return await self._speak("for", motion, speeches)

    @action
    async def argue_against(self, motion: Motion, speeches: list[Speech]) -> Speech:
        """Speak against the motion."""
        return await self._speak("against", motion, speeches)

    async def _speak(
        self, side: Literal["for", "against"], motion: Motion, speeches: list[Speech]
    ) -> Speech:
        speech = await self.ask(Speech, motion=motion, speeches=speeches)
        # Number and side are facts of the debate, not the speaker's to choose.
        return speech.model_copy(update={"number": len(speeches) + 1, "side": side})
