"""The currents of a tile with resistive wires, against a direct solution of the whole circuit and laws of physics."""

from dataclasses import replace

import numpy as np
import pytest
from circuits import TINY
from circuits import currents as of_whole_circuit
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.chip.chip import Wires
from insitu.chip.wires import changes, currents, reach, transfer
from insitu.errors import InputError

OHM = Wires(row_ohm=1.0, column_ohm=1.0, source_ohm=1.0, sense_ohm=1.0)
UNEQUAL = Wires(row_ohm=0.3, column_ohm=7.0, source_ohm=40.0, sense_ohm=2.0)
POOR = Wires(row_ohm=300.0, column_ohm=500.0, source_ohm=1e3, sense_ohm=1e3)


def cells(rows, columns, seed=0, low=2e-6, high=1e-4):
    return np.random.default_rng(seed).uniform(low, high, (rows, columns))


def with_some(g, value, seed=1):
    return np.where(np.random.default_rng(seed).random(g.shape) < 0.2, value, g)


TILES = {
    "random": cells(24, 17),
    "wider than high": cells(9, 40),
    "stuck off": with_some(cells(20, 20), 0.0),
    "shorted": with_some(cells(20, 20), 0.1),
    "both": with_some(with_some(cells(16, 16), 0.0), 1.0, 2),
    "all off": np.zeros((6, 5)),
    "one row": cells(1, 30),
    "one column": cells(30, 1),
    "one cell": cells(1, 1),
}


@pytest.mark.parametrize("wires", [OHM, UNEQUAL, POOR], ids=["1 ohm", "unequal", "poor"])
@pytest.mark.parametrize("g", TILES.values(), ids=TILES)
def test_it_is_the_whole_circuit_solved_at_once(g, wires):
    np.testing.assert_allclose(transfer(g, wires), of_whole_circuit(g, wires), rtol=1e-9, atol=1e-15 * g.max())


@pytest.mark.parametrize("wires", [OHM, UNEQUAL, POOR, Wires(row_ohm=30.0), Wires(sense_ohm=30.0), Wires()], ids=str)
@pytest.mark.parametrize("g", TILES.values(), ids=TILES)
def test_one_read_is_the_whole_matrix_times_its_voltages(g, wires):
    v = np.random.default_rng(3).normal(size=len(g))
    expected = v @ transfer(g, wires)
    np.testing.assert_allclose(currents(g, v, wires), expected, rtol=0, atol=1e-8 * np.abs(expected).max())


def test_voltages_that_do_not_fit_are_refused():
    for wrong in (np.ones(3), np.full(6, np.nan)):
        with pytest.raises(InputError, match="volts: got shape"):
            currents(cells(6, 4), wrong, OHM)


@pytest.mark.parametrize("ideal", ["row_ohm", "column_ohm", "source_ohm", "sense_ohm"])
def test_a_resistance_of_nothing_is_a_case_like_any_other(ideal):
    g = cells(12, 15)
    wires = replace(UNEQUAL, **{ideal: 0.0})
    nearly = replace(UNEQUAL, **{ideal: TINY})
    np.testing.assert_allclose(transfer(g, wires), transfer(g, nearly), rtol=1e-7)
    np.testing.assert_allclose(transfer(g, nearly), of_whole_circuit(g, nearly), rtol=1e-7)


def test_without_resistance_it_is_the_conductances_to_the_last_bit():
    g = cells(20, 30)
    np.testing.assert_array_equal(transfer(g, Wires()), g)
    np.testing.assert_array_equal(reach(g, Wires()), np.ones(g.shape))


def test_a_driver_alone_is_a_voltage_divider():
    """Columns at ground: what a row conducts in all loads the resistance of its driver."""
    g = cells(8, 11)
    expected = g / (1 + 50.0 * g.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(transfer(g, Wires(source_ohm=50.0)), expected, rtol=1e-12)
    np.testing.assert_allclose(reach(g, Wires(source_ohm=50.0)) * g, expected, rtol=1e-12)


ohms = st.sampled_from([0.0, 1e-8, 1e-3, 1.0, 30.0, 1e4])
any_wires = st.builds(Wires, row_ohm=ohms, column_ohm=ohms, source_ohm=ohms, sense_ohm=ohms)
sizes = st.integers(1, 12)
conductances = st.builds(
    lambda rows, columns, seed, off: with_some(cells(rows, columns, seed), off, seed + 1),
    sizes, sizes, st.integers(0, 10**6), st.sampled_from([0.0, 1e-7, 1e-4, 1e-2]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(conductances, any_wires)
def test_what_any_passive_circuit_obeys(g, wires):
    """Currents are none below 0, no line carries more than its cells would with ideal wires, and columns may drive rows.

    One entry may well exceed its cell: where that one is off, current finds a way round through others.
    """
    m, slack = transfer(g, wires), 1 + 1e-9
    assert (m >= -1e-12 * g.max()).all()
    assert (m.sum(axis=0) <= g.sum(axis=0) * slack).all()
    assert (m.sum(axis=1) <= g.sum(axis=1) * slack).all()
    back = transfer(np.ascontiguousarray(g[::-1, ::-1].T), wires.transposed)[::-1, ::-1].T
    np.testing.assert_allclose(m, back, rtol=1e-7, atol=1e-12 * g.max())


@settings(max_examples=100, deadline=None)
@given(conductances, any_wires, st.sampled_from(["row_ohm", "column_ohm", "source_ohm", "sense_ohm"]), ohms)
def test_no_resistance_that_is_added_raises_the_current_of_all(g, wires, name, more):
    """Rayleigh's law of monotony."""
    worse = replace(wires, **{name: getattr(wires, name) + more})
    assert transfer(g, worse).sum() <= transfer(g, wires).sum() * (1 + 1e-9)


@settings(max_examples=50, deadline=None)
@given(conductances, any_wires, st.sampled_from([1e-3, 64.0]))
def test_only_the_product_of_ohm_and_siemens_counts(g, wires, scale):
    names = ("row_ohm", "column_ohm", "source_ohm", "sense_ohm")
    scaled = replace(wires, **{name: getattr(wires, name) / scale for name in names})
    np.testing.assert_allclose(transfer(scale * g, scaled), scale * transfer(g, wires), rtol=1e-7, atol=1e-12 * g.max())
    np.testing.assert_allclose(reach(scale * g, scaled), reach(g, wires), rtol=1e-9)


@pytest.mark.parametrize("g", [TILES["one row"], TILES["one column"]], ids=["one row", "one column"])
def test_of_one_wire_alone_its_reach_is_exact(g):
    wires = replace(OHM, column_ohm=0.0, sense_ohm=0.0) if len(g) == 1 else replace(OHM, row_ohm=0.0, source_ohm=0.0)
    np.testing.assert_allclose(reach(g, wires) * g, transfer(g, wires), rtol=1e-12)


@pytest.mark.parametrize(("size", "high", "bound"), [(32, 7e-6, 0.001), (32, 1e-4, 0.02)])
def test_reach_is_near_the_derivative_by_the_cell_itself(size, high, bound):
    g = cells(size, size, high=high)
    near, before = reach(g, OHM), transfer(g, OHM)
    for i, j in ((0, size - 1), (size // 2, size // 2), (size - 1, 0)):
        moved = g.copy()
        moved[i, j] *= 1.001
        slope = (transfer(moved, OHM)[i, j] - before[i, j]) / (moved[i, j] - g[i, j])
        assert slope == pytest.approx(near[i, j], rel=bound)


@pytest.mark.parametrize("g", [[1e-6], np.zeros((0, 3)), [[np.nan]], [[-1e-6]], [[np.inf, 1.0]]])
def test_what_is_no_tile_is_refused(g):
    with pytest.raises(InputError, match="g: got an array of shape"):
        transfer(g, OHM)


def loads(g, wires):
    """The largest load of a row wire and of a column wire of a tile (rows, columns)."""
    rows, columns = g.shape
    along, down = np.arange(1, columns + 1), np.arange(rows, 0, -1)
    return (
        (g @ (wires.source_ohm + wires.row_ohm * along)).max(),
        ((wires.sense_ohm + wires.column_ohm * down) @ g).max(),
    )


@pytest.mark.parametrize("sizes", [(1, 7, 9, 3, 4), (2, 5, 20, 2, 20), (3, 4, 16, 4, 8)])
def test_changes_of_each_tile_are_those_of_its_cells_alone(sizes):
    planes, columns, rows, across, along = sizes
    draw = np.random.default_rng(0)
    g, before = draw.uniform(0, 1e-4, (2, planes, columns, rows)).astype(np.float32)
    tiles = [(c, r) for c in range(0, columns, across) for r in range(0, rows, along)]
    found = changes(g, before, across, along, UNEQUAL).T
    assert len(found) == len(tiles)
    for one, (c, r) in zip(found, tiles, strict=True):
        size = planes * min(across, columns - c)
        parts = (x[:, c : c + across, r : r + along].astype(float) for x in (g, before))
        now, then = (part.transpose(2, 1, 0).reshape(-1, size) for part in parts)
        far = np.abs(now - then)
        most, least = (far.sum(axis=0) / now.sum(axis=0)).max(), now.sum(axis=0).min()
        assert one == pytest.approx([*loads(far, UNEQUAL), most, *loads(now, UNEQUAL), least])


def test_loads_bound_what_a_change_of_cells_does():
    draw = np.random.default_rng(0)
    kept_back = np.vectorize(lambda load: load / (1 + load))
    for _ in range(60):
        n, r = int(draw.integers(2, 20)), 10 ** draw.uniform(-1, 2)
        wires = Wires(row_ohm=r, column_ohm=r * draw.uniform(), source_ohm=r, sense_ohm=r)
        before = np.full((n, n), 2e-6, np.float32)
        before[draw.random((n, n)) < draw.uniform()] = 1e-4
        now = before.copy()
        now[draw.integers(n) :, draw.integers(n) :] = draw.choice([2e-6, 5e-5, 1e-4])
        laid = (np.ascontiguousarray(x.T)[None] for x in (now, before))
        row, column, _, rows, columns, _ = changes(*laid, n, n, wires)[:, 0]
        assert np.abs(reach(now, wires) - reach(before, wires)).max() <= (row + column) * (1 + 1e-9)
        stray = [transfer(g, wires) - reach(g, wires) * g for g in (before, now)]
        upper = loads(np.maximum(now, before).astype(float), wires)
        assert upper[0] <= (rows + row) * (1 + 1e-9)
        assert upper[1] <= (columns + column) * (1 + 1e-9)
        bound = kept_back(upper[0]) * kept_back(column) + kept_back(upper[1]) * kept_back(row)
        assert np.abs(stray[1] - stray[0]).max() <= 1e-4 * bound + 1e-18
