"""Every block of the documentation is executed, and what it shows is what comes out."""

from __future__ import annotations

from pathlib import Path

import page
import pytest

from metaco.cli.docs import pages

PAGES = pages()


@pytest.mark.parametrize("topic", PAGES)
def test_every_block_of_a_page_works_in_order(topic: str, tmp_path: Path) -> None:
    for block in page.blocks(PAGES[topic]):
        page.execute(block, tmp_path)
