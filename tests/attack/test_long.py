"""Text of 100,000 characters is refused in milliseconds, whichever pattern looks for something in it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from outcomes import outcome

from insitu.measure import read_pulses
from insitu.recipes import registry

PARTS = ["9", "9x", " ", "_", ".", "-", "(", "a ", "a.", "[", "{a=", '"', "0x", "\u00b5", "\0"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("end", ["", "x"])
def test_a_long_value(part, end):
    text = part * (100_000 // len(part)) + end
    assert "chip.image_seconds" in outcome(lambda: registry.resolved("cristiano2018", [f"chip.image_seconds={text}"]))


@pytest.mark.parametrize("part", PARTS)
def test_a_long_cell(part, tmp_path):
    """A table whose columns are parted by spaces, a line of which is long."""
    path, text = tmp_path / "pulses.csv", part * (100_000 // len(part))
    path.write_text(f"up  down {text}x (S)\n" + "".join(f"{i}e-7  {40 - i}e-7\n" for i in range(1, 40)))
    outcome(lambda: read_pulses(path))
