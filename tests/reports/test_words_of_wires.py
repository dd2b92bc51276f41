"""Words of the study of wires: how much of what is lost comes back."""

import pytest

from insitu.reports.wires import draw_wires, wires_table, wires_verdicts

IDEAL = {
    "ohm": None,
    "behind": False,
    "gains": False,
    "seeds": 4,
    "mean": 0.9,
    "sd": 0.01,
    "difference": 0.0,
    "difference_sd": 0.0,
}


def row(ohm, behind, gains, difference, sd=0.01, seeds=4):
    found = {"ohm": ohm, "behind": behind, "gains": gains, "seeds": seeds, "mean": 0.9 + difference, "sd": sd}
    return found | {"difference": difference, "difference_sd": sd}


ROWS = [
    IDEAL,
    row(1.0, False, False, -0.002),
    row(10.0, False, False, -0.1),
    row(10.0, False, True, -0.04),
    row(10.0, True, False, -0.05),
    row(10.0, True, True, 0.0),
]


def test_what_comes_back_is_a_part_of_what_was_lost():
    little, much = wires_verdicts(ROWS)
    assert little == "At 1 ohm what has learned behind ideal wires loses nothing that shows."
    assert "At 10 ohm 10.00 ± 1.00 points are lost" in much
    assert much.endswith("by gains of columns 60 %, by learning behind these wires 50 %, by both 100 %.")


@pytest.mark.parametrize(
    ("difference", "sd", "told"), [(-0.002, 0.0, True), (-0.0005, 0.0, False), (-0.002, 0.0021, False)]
)
def test_a_loss_within_its_error_is_none(difference, sd, told):
    (says,) = wires_verdicts([IDEAL, row(1.0, False, False, difference, sd), row(1.0, True, False, 0.0)])
    assert ("come back" in says) == told


def test_one_seed_may_be_chance():
    assert wires_verdicts([row(1.0, False, False, -0.1, None, 1)])[-1].startswith("Of one seed each")


def test_ways_that_failed_are_left_open(tmp_path):
    table = wires_table("title", ROWS)
    assert table.texts[0][0] == "ideal"
    assert table.texts[1] == ["1", "89.80 ± 1.00", "-", "-", "-"]
    assert draw_wires(ROWS, tmp_path / "wires.png", title="title").read_bytes().startswith(b"\x89PNG")
    assert wires_verdicts([IDEAL]) == []
