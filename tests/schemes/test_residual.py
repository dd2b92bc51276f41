"""Residual learning: what moves up, what stays, which rows and parts are due, and that it learns on coarse devices."""

import json
from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL
from sklearn.datasets import load_digits
from stack_cases import CAPACITOR, capacitors, stack

from insitu.cells import MultiConductance, Significance
from insitu.devices.base import Spread
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.networks.crossbar_classifier import CrossbarClassifier
from insitu.schemes import BlindPulses, ResidualTransfer
from insitu.schemes.events import carry_out, next_event

ROWS, COLUMNS = 40, 30


def tiles(how, parts=3, rows=ROWS, columns=COLUMNS):
    return stack(capacitors(parts), rows, columns, scheme=BlindPulses(transfer=how))


def held(one):
    """What each part holds, least significant first."""
    return [*(level.weights.copy() for level in one.levels[:-1]), one.array.part.copy()][::-1]


def test_a_share_goes_up_in_whole_pulses_right_on_average_and_nothing_is_taken():
    """Of 1,200 weights the mean of floor(a + u) is a to within 4 standard errors of at most half a pulse."""
    how = ResidualTransfer(share=0.3)
    one = tiles(how, parts=2)
    (low, high), before = held(one), one.levels[0].writes.astype(int)
    step = CAPACITOR.step_up * one.levels[0].map.gains.max() * 2  # both cells of a pair move
    how.move(one, 1)
    after_low, after_high = held(one)
    np.testing.assert_array_equal(after_low, low)
    moved = (after_high - high) / step
    np.testing.assert_allclose(moved, np.rint(moved), atol=1e-3)
    wanted = how.share * low / step
    assert (np.abs(moved - wanted) < 1 + 1e-3).all()
    assert abs((moved - wanted).mean()) < 4 * 0.5 / np.sqrt(moved.size)
    assert wanted.std() > 0.5
    assert (one.levels[0].writes != before).sum() == 2 * np.count_nonzero(np.rint(moved))
    assert Counts.of(one.array.counts).verify_reads == 2 * ROWS * COLUMNS


def test_each_part_is_slower_than_the_one_below():
    how = ResidualTransfer(every=10, groups=2, slower=3, share=1.0)
    one = tiles(how)
    assert next_event(one, 0) == 5
    turned = []
    for turn in range(1, 13):
        writes = [level.writes.copy() for level in one.levels]
        carry_out(one, 5 * (turn - 1), 5 * turn)
        changed = [(level.writes != was).any(axis=(0, 1)) for level, was in zip(one.levels, writes, strict=True)]
        assert not changed[2].any()
        for rows in changed[:2]:
            assert not rows[turn % 2 :: 2].any()  # the other group
        turned.append([bool(rows.any()) for rows in changed[:2]])
    assert all(middle for _, middle in turned)
    assert [top for top, _ in turned] == [(turn - 1) // 2 % 3 == 2 for turn in range(1, 13)]


def test_a_burst_bounds_it_and_frozen_weights_stay():
    how = ResidualTransfer(share=10.0, burst=2)
    one = tiles(how, parts=2)
    frozen = np.zeros((ROWS, COLUMNS), bool)
    frozen[3:9] = True
    one.freeze(frozen)
    writes = one.levels[0].writes.astype(int)
    how.move(one, 1)
    given = one.levels[0].writes.astype(int) - writes
    assert given.max() == 2
    assert not given[:, :, 3:9].any()
    assert given[:, :, 9:].any()


def test_no_share_of_nothing_moves():
    """Parts that hold nothing hand nothing up, to the rounding of single precision."""
    how = ResidualTransfer(share=1.0, slower=1)
    one = tiles(how)
    for level in one.levels:
        level.set_weights(np.zeros((ROWS, COLUMNS)))
    one.refresh()
    how.move(one, 1)
    assert sum((level.writes > 1).sum() for level in one.levels) <= 2


def test_coarse_tiles_learn_what_one_pair_of_the_same_device_cannot():
    """16 steps from end to end, as of 4 bits; without transfers the same tiles are no better than the pair."""
    span = 4e-6
    device = replace(
        IDEAL["softbounds"], g_min=1e-6, g_max=1e-6 + span, step_up=span / 8, step_down=span / 8, c2c_cv=0.3,
        spread=Spread(step_cv=0.2, asymmetry_cv=0.2, range_sd=0.1 * span),
    )  # fmt: skip
    x, y = load_digits(return_X_y=True)
    three = MultiConductance(parts=tuple(Significance(device=device, gain=3.0**n) for n in (2, 1, 0)), unit=13.0)

    def score(encoding, transfer):
        options = {"device": device, "encoding": encoding, "scheme": BlindPulses(transfer=transfer)}
        model = CrossbarClassifier((32,), epochs=10, learning_rate=0.01, random_state=0, **options)
        return model.fit(x[:1200] / 16, y[:1200]).score(x[1200:] / 16, y[1200:])

    found = {name: score(*way) for name, way in {
        "pair": (None, None), "tiles alone": (three, None), "tiles": (three, ResidualTransfer()),
    }.items()}  # fmt: skip
    assert found["tiles"] > 0.1 + max(found["pair"], found["tiles alone"]), found
    assert found["tiles"] > 0.8


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"share": 0.0}, "residual.share: got 0.0; allowed is a number from 1e-06"),
        ({"slower": 0}, "residual.slower: got 0; allowed is a whole number"),
        ({"burst": 2.5}, "residual.burst: got 2.5; allowed is a whole number"),
        ({"every": 0}, "residual.every: got 0"),
        ({"groups": 101}, "residual.groups: got 101"),
        ({"closed_loop": 3}, "residual.closed_loop: got 3; allowed is ClosedLoop"),
    ],
)
def test_bad_options(options, sentence):
    with pytest.raises(InputError, match=sentence.replace(".", r"\.", 1)):
        ResidualTransfer(**options)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (["cell.parts=msp", "cell.tiles=2"], "cell.tiles: has no effect here, for cell.parts is msp"),
        (
            ["cell.parts=lsp", "transfer.residual=0.1"],
            "transfer.residual: has no effect here, for with one significance",
        ),
        (["cell.tiles=2", "transfer.residual=0.1", "transfer.offset=0.1"], "transfer.offset: has no effect here"),
        (["cell.tiles=2", "transfer.slower=2"], "transfer.slower: has no effect here, for transfer.residual is off"),
        (["cell.tiles=2", "transfer.every=off", "transfer.residual=0.1"], "transfer.residual: has no effect here"),
    ],
)
def test_what_does_nothing_in_the_recipe_is_refused(command, fields, sentence):
    code, _, err = command("run", "cristiano2018", "--quick", "--data", "digits", *(f"--set={one}" for one in fields))
    assert code == 2
    assert sentence in " ".join(err.split())


def test_tiles_of_a_recipe_are_kept_by_their_names(command, tmp_path):
    fields = (
        "cell.parts=lsp",
        "cell.tiles=3",
        "cell.gain=3",
        "transfer.residual=0.1",
        "transfer.every=100",
        "network.hidden=[8]",
    )
    asked = (*(f"--set={one}" for one in fields), "--set=training.epochs=1", "--set=training.twin=false")
    code, out, err = command("run", "cristiano2018", "--data", "digits", "--json", "--out", str(tmp_path), *asked)
    assert code == 0, err
    result = json.loads(out)
    with np.load(next(tmp_path.glob("*/arrays.npz"))) as saved:
        assert {name for name in saved if name.endswith("writes_0")} == {
            "lsp_3_writes_0",
            "lsp_2_writes_0",
            "lsp_writes_0",
        }
        assert saved["lsp_writes_0"].mean() > saved["lsp_2_writes_0"].mean() > saved["lsp_3_writes_0"].mean()
        assert result["lsp_cells"] == sum(saved[name].size for name in saved if "writes" in name)
    assert [one["part"] for one in result["wear"]][:3] == ["layer 1 LSP 3", "layer 1 LSP 2", "layer 1 LSP"]
