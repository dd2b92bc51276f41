"""Where a loss crosses its limit, against a search step by step; and what a study says of it."""

import itertools
import math
from copy import deepcopy
from functools import partial
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from insitu.errors import InputError
from insitu.recipes import cristiano2018, registry, shi2018, yi2022_options
from insitu.recipes.imperfect import DeviceTable
from insitu.recipes.loading import put, to_toml
from insitu.studies import requirements, tolerance
from insitu.studies.axes import Case
from insitu.studies.compared import Compared, compare
from insitu.studies.requirements import _with_effect, choose
from insitu.studies.swept import Sweep
from insitu.studies.tables import planned, tables
from insitu.studies.tolerance import crossing, judge, verdict
from insitu.validation import validate

FACTORS = tables("cristiano2018").factors
FACTOR = FACTORS[0]


def naive_crossing(values, losses, limit, log, steps=2000):
    """Walk along the curve in small steps, on the scale of asinh(loss / limit), until the loss is above the limit."""
    if losses[0] > limit:
        return values[0]
    for (a, b), (low, high) in zip(itertools.pairwise(values), itertools.pairwise(losses), strict=True):
        start, end = math.asinh(low / limit), math.asinh(high / limit)
        for k in range(steps + 1):
            part = k / steps
            if (1 - part) * start + part * end > math.asinh(1.0) and high > limit:
                return math.exp((1 - part) * math.log(a) + part * math.log(b)) if log else a + part * (b - a)
    return None


@st.composite
def curves(draw):
    n = draw(st.integers(1, 6))
    values = sorted(draw(st.lists(st.integers(1, 1000), min_size=n, max_size=n, unique=True)))
    losses = draw(st.lists(st.integers(-100, 500).map(lambda loss: loss / 1e4), min_size=n, max_size=n))
    return [float(v) for v in (values if draw(st.booleans()) else values[::-1])], losses


@given(curves(), st.floats(0.001, 0.02), st.booleans())
def test_the_crossing_is_where_a_walk_along_the_curve_finds_it(curve, limit, log):
    values, losses = curve
    found, slow = crossing(values, losses, limit, log=log), naive_crossing(values, losses, limit, log)
    assert (found is None) == (slow is None)
    if found is not None:
        widest = max((abs(a - b) for a, b in itertools.pairwise(values)), default=0.0)
        ratio = max((max(a / b, b / a) for a, b in itertools.pairwise(values)), default=1.0)
        assert abs(found - slow) <= 1e-9 + (slow * math.log(ratio) / 1000 if log else widest / 1000)


def _points(*differences, sd=0.0, seeds=2):
    return [Compared((0.9,) * seeds, 0.9, sd, d, sd if seeds > 1 else None) for d in differences]


@pytest.mark.parametrize(
    ("differences", "sd", "says"),
    [
        ((0.0, 0.0, -0.001), 0.0, "never from 0 to 2"),
        ((0.0, -0.006, -0.02), 0.0, "0.611 (0.611 to 0.611)"),
        ((-0.004, -0.006, -0.02), 0.0, "too much already at 0"),
        ((0.0, -0.001, -0.006), 0.002 * math.sqrt(2), "1.5 (0.95 to 1.78)"),
        ((0.0, 0.0, -0.004), 0.002 * math.sqrt(2), "1.8 (1.26 to beyond 2)"),
        ((0.0, 0.0, -0.002), 0.002 * math.sqrt(2), "never from 0 to 2 (perhaps at 1.61)"),
        ((0.0, -0.006, -0.005), 0.002 * math.sqrt(2), "0.645 (0.205 to 0.906)"),
        ((0.0, -0.02, 0.0), 0.0014, "0.459 (0.233 to 0.509), uneven: not one curve that only grows"),
    ],
)
def test_what_is_said_of_a_factor(differences, sd, says):
    assert verdict(judge(FACTOR, (0.0, 1.0, 2.0), _points(*differences, sd=sd), limit=0.003, log=False)) == says


def test_one_seed_has_no_spread():
    (point,) = _points(-0.01, seeds=1)
    assert point.error == 0.0
    one = judge(FACTOR, (1e5, 10.0), [*_points(0.0, seeds=1), point], limit=0.003, log=True)
    assert verdict(one) == "1,450 (one seed)"


@pytest.mark.parametrize("power", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))])
def test_the_interval_holds_the_truth_as_often_as_it_says(power):
    """Noisy points about a smooth curve and a noisy reference, two seeds each and five of those near the limit."""
    random, values, truth = np.random.default_rng(1), [1.0, 1.5, 2.2, 3.3, 5.0, 7.5], 3.0
    losses = 0.003 * (np.array(values) / truth) ** power
    inside, uneven, off = 0, 0, []
    for _ in range(300):
        runs = losses[:, None] + 0.001 * (0.84 * random.standard_normal((6, 5)) + 0.55 * random.standard_normal(5))
        one = judge(FACTOR, values, [_of(run, 2) for run in runs], limit=0.003, log=True)
        some = [_of(run, 5 if value in one.deciding else 2) for value, run in zip(values, runs, strict=True)]
        one = judge(FACTOR, values, some, limit=0.003, log=True)
        level = [_of(run, 2) for run in runs - losses[:, None]]  # of what never gets worse, the most seems uneven
        uneven += judge(FACTOR, values, level, limit=0.003, log=True).uneven
        inside += (one.early or math.inf) <= truth <= (one.late or math.inf)
        off.append(math.log((one.tolerance or 9.0) / truth))
    assert 0.55 < inside / 300 < 0.8
    assert uneven / 300 < 0.03
    assert abs(np.median(off)) < 0.6 * np.std(off)  # the curve is bent between two values, which nobody knows


def test_between_far_neighbours_the_interval_knows_of_straight_and_of_bent_curves():
    points = [Compared((0.9,) * 5, 0.9, 0.0005, -loss, 0.0005) for loss in (0.0, 0.02)]
    one = judge(FACTOR, [0.0, 0.05], points, limit=0.003, log=False)
    assert one.early < 0.05 * 0.003 / 0.02 < one.late  # straight


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0.1, 10)), min_size=1, max_size=8))
def test_the_curve_that_only_grows_is_that_of_scikit_learn(points):
    losses, errors = np.array(points).T
    assert tolerance._growing(losses, errors) == pytest.approx(isotonic_regression(losses, sample_weight=errors**-2.0))


def _of(losses, seeds):
    some = -losses[:seeds]
    return Compared(tuple(some), some.mean(), None, some.mean(), some.std(ddof=1))


@given(curves(), st.floats(0.5, 1e3), st.floats(1e-4, 5e-3))
def test_a_tolerance_is_of_any_unit(curve, unit, sd):
    values, losses = curve
    points = _points(*(-loss for loss in losses), sd=sd)
    one = judge(FACTOR, values, points, limit=0.003, log=True)
    other = judge(FACTOR, [unit * value for value in values], points, limit=0.003, log=True)
    for key in ("tolerance", "early", "late"):
        mine, theirs = getattr(one, key), getattr(other, key)
        assert theirs == (None if mine is None else pytest.approx(unit * mine))
    assert other.deciding == {unit * value for value in one.deciding}


def test_seeds_are_spent_near_the_limit(monkeypatch):
    """A loss of the square of the value, 0.3 points at 3: all seeds there and at 2 and 4, two of the others."""
    factor, done = FACTOR.model_copy(update={"values": (1, 2, 4, 8, 16)}), []

    def run_cases(recipe, cases, *, seeds, **_):
        rows = [
            {**case.labels, "seed": seed, "accuracy": 0.9 - 0.003 * (case.labels["value"] / 3) ** 2 + 1e-5 * seed % 3}
            for case in cases
            for seed in range(case.seeds or seeds)
        ]
        done.append(len(rows))
        return Sweep(recipe, "tiny", ("factor", "value"), rows, rows, [], [], Path())

    monkeypatch.setattr(requirements, "run_cases", run_cases)
    cases = [Case({"factor": name, "value": 0.0}, {}) for name in ("ideal", "recipe")]
    cases += [Case({"factor": factor.name, "value": float(value)}, {}) for value in factor.values]
    look = partial(
        requirements._judged,
        factors=[factor],
        known=tables("cristiano2018"),
        key="accuracy",
        limit=0.003,
        against="ideal",
    )
    _, (one,) = requirements._carry_out("tiny", cases, look, {"seeds": 5, "quiet": True})
    assert [len(point.values) for point in one.points] == [2, 5, 5, 2, 2]
    assert done == [20, 26]
    assert one.tolerance == pytest.approx(3, rel=0.1)


def test_runs_are_compared_seed_by_seed():
    rows = [{"seed": seed, "accuracy": a} for seed, a in ((0, 0.90), (1, 0.96), (2, 0.5))]
    found = compare(rows, {0: 0.91, 1: 0.97}, "accuracy")  # the twin of seed 2 failed
    assert found.values == (0.90, 0.96)
    assert (found.difference, found.difference_sd) == (pytest.approx(-0.01), pytest.approx(0.0, abs=1e-12))
    assert found.sd == pytest.approx(0.06 / math.sqrt(2))
    assert compare(rows, {7: 0.9}, "accuracy") is None


def test_factors_are_chosen_by_name_or_by_their_beginning():
    assert choose(FACTORS, []) == list(FACTORS)
    assert [f.name for f in choose(FACTORS, ["LSP.c2c", "MSP.c2c"])] == ["MSP.c2c", "LSP.c2c"]
    assert {f.name.partition(".")[0] for f in choose(FACTORS, ["LSP"])} == {"LSP"}
    with pytest.raises(InputError, match=r"--only: unknown factor 'LSP.c3c'; did you mean 'LSP.c2c'"):
        choose(FACTORS, ["LSP.c3c"])
    with pytest.raises(InputError, match=r"unknown factor 'c2c'; did you mean 'LSP.c2c' or 'MSP.c2c'\?"):
        choose(FACTORS, ["c2c"])


def test_all_sweeps_are_there_for_both_arrays():
    parts = {f.panel: {g.name.partition(".")[0] for g in FACTORS if g.panel == f.panel} for f in FACTORS}
    for panel in ("1", "2a", "2b", "4", "5", "6", "7a", "7b", "12", "14"):
        assert parts[panel] == {"MSP", "LSP"}


@pytest.mark.parametrize("recipe", registry.names())
def test_the_tables_of_a_recipe_fit_together(recipe):
    known = tables(recipe)
    assert len({f.name for f in known.factors}) == len(known.factors)
    assert {f.panel for f in known.factors} == set(known.panels)
    assert {"chip.wires", "chip.tile", "chip.adc", "chip.noise"} <= {f.name for f in known.factors}
    whole = [name for name, changes in known.rungs.items() if not changes]
    assert len(whole) == 1
    assert whole[0].startswith("all")
    assert next(iter(known.rungs)) == known.reference
    beyond = [known.rungs[name] for name in known.beyond]
    assert all(low.items() < high.items() for low, high in itertools.pairwise(beyond))
    arrays = {key.partition(".")[0] for key in known.alone} - {"chip", "network"}
    off = {name for name in DeviceTable.model_fields if "off" in str(DeviceTable.model_fields[name].annotation)}
    off -= {"nonlinearity", "nonlinearity_up", "nonlinearity_down"}
    assert {f"{array}.{name}" for array in arrays for name in off} <= known.alone.keys()


def test_a_recipe_without_tables_says_which_have_some(monkeypatch):
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")
    words = "tiny has no ladder and no list of requirements; allowed: cristiano2018, shi2018, yi2022"
    with pytest.raises(InputError, match=words):
        tables("tiny")


@pytest.mark.parametrize("recipe", registry.names())
def test_points_of_all_factors_are_recipes_that_can_be_built(recipe):
    kind, base, known = registry.carrier(recipe).Recipe, registry.resolved(recipe), tables(recipe)
    plain = to_toml(base)
    cells = {"shi2018": shi2018.device_of, "yi2022": yi2022_options.axes_of, "cristiano2018": cristiano2018.cell_of}
    for changes in ({}, known.alone):
        for factor in known.factors:
            points = factor.points(base)
            values = [value for value, _ in points]
            assert values in (sorted(values), sorted(values, reverse=True))
            for _, setting in (points[0], points[-1]):
                table = deepcopy(plain)
                for key, value in (known.always | changes | setting).items():
                    put(table, key, value)
                made = validate(kind, table)
                cells[recipe](made)
                assert attrgetter(factor.field)(made) == pytest.approx(setting[factor.field])


def test_what_is_in_proportion_to_a_field_needs_its_number():
    off = registry.resolved("cristiano2018", ["transfer.every=off"])
    (leak,) = choose(FACTORS, ["LSP.leak"])
    with pytest.raises(InputError, match=r"transfer\.every: is off"):
        leak.points(off)


def test_fields_that_take_the_same_value():
    (wires,) = choose(tables("shi2018").factors, ["chip.wires"])
    for value, setting in wires.points(registry.resolved("shi2018")):
        assert setting["chip.row_ohm"] == setting["chip.column_ohm"] == value
        assert setting["chip.tile_rows"] == 64


@pytest.mark.parametrize(
    ("recipe", "sets", "key", "words"),
    [
        ("shi2018", [], "accuracy", "test images named wrongly"),
        ("cristiano2018", ["data.validation=5000"], "validation_accuracy", "held-back training images named wrongly"),
        ("yi2022", [], "accuracy_two_layer_0.2", "words named wrongly by two layers, dots flipped with probability 0.2"),
        ("yi2022", ["data.flips=[0.05]"], "accuracy_two_layer_0.05", "words named wrongly by two layers, dots flipped "
         "with probability 0.05"),
        ("yi2022", ["data.task=mnist"], "accuracy", "test images named wrongly"),
    ],
)  # fmt: skip
def test_what_is_judged(recipe, sets, key, words):
    base = registry.resolved(recipe, sets)
    judged = tables(recipe).task(base).judged(base)
    assert (judged.key, judged.named("wrongly")) == (key, words)


@pytest.mark.parametrize(
    ("recipe", "sets", "field"),
    [
        ("shi2018", (), "training.epochs"),
        ("yi2022", (), "two_layer.updates"),
        ("yi2022", ("data.task=mnist",), "images.epochs"),
    ],
)
def test_passes_have_a_field_of_their_own_in_each_recipe(recipe, sets, field):
    assert planned(recipe, "ladder", epochs=7, set=sets)["overrides"][-1] == f"{field}=7"


def test_a_factor_without_effect_is_left_out_or_refused_if_it_was_asked_for():
    ideal = registry.resolved("yi2022", ["array.weights=ideal", "scheme.name=blind-pulses"])
    kept, idle = _with_effect("yi2022", ideal, tables("yi2022").factors, False)
    assert {"dead", "read_noise", "increments.c2c"} <= set(idle)
    assert {"increments.steps", "chip.wires"} <= {factor.name for factor in kept}
    with pytest.raises(InputError, match=r"--only: dead: array\.dead: has no effect here, for array.weights is ideal"):
        _with_effect("yi2022", ideal, choose(tables("yi2022").factors, ["dead"]), True)
    factors = tables("shi2018").factors
    assert _with_effect("shi2018", registry.resolved("shi2018"), factors, True) == ([*factors], [])
