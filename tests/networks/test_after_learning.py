"""Cells that learn behind ideal wires and are read behind others: learning does not know of it, answers do."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from small_networks import CHIP, DEVICE, NETWORKS, UNITS

from insitu.chip import Chip
from insitu.errors import InputError

LAID = replace(CHIP, tile_rows=20, tile_columns=6)
BEHIND = replace(LAID, row_ohm=3e3, column_ohm=3e3, wire_tolerance=0.0)
IDEAL = {"device": DEVICE, "chip": LAID}
AFTER = {"device": DEVICE, "chip": replace(BEHIND, wires_act="after learning")}


def made(name, **options):
    return NETWORKS[name].learn(NETWORKS[name].make(**options), 0, UNITS // 2)


def answers(name, one):
    return getattr(one, NETWORKS[name].answer)(NETWORKS[name].examples)


def arrays(one):
    return one.network_.arrays()


def same(found, expected):
    """But for what was heard, and for rounding: a weight of one cell is written out without a detour there."""
    for key, value in expected.items():
        if "heard" not in key:
            np.testing.assert_allclose(found[key], value, rtol=0, atol=1e-6 * np.abs(value).max(initial=0), err_msg=key)


@pytest.mark.parametrize("name", NETWORKS)
def test_it_learns_as_behind_ideal_wires_and_answers_as_what_is_moved_behind_these(name):
    ideal, after = made(name, **IDEAL), made(name, **AFTER)
    same(arrays(after), arrays(ideal))
    moved = made(name, device=DEVICE, chip=BEHIND)
    moved.network_.restore(arrays(ideal))
    found = answers(name, after)
    np.testing.assert_allclose(found, answers(name, moved), atol=1e-5)
    assert not np.array_equal(found, answers(name, ideal))
    for one in (after, copy.deepcopy(after)):  # and it goes on as if nobody had asked
        NETWORKS[name].learn(one, UNITS // 2, UNITS)
        same(arrays(one), arrays(NETWORKS[name].learn(copy.deepcopy(ideal), UNITS // 2, UNITS)))


@pytest.mark.parametrize(
    ("options", "match"), [({"wires_act": "never"}, "wires_act"), ({"column_gain": 1}, "column_gain")]
)
def test_what_is_neither_is_refused(options, match):
    with pytest.raises(InputError, match=match):
        Chip(**options)
