"""Where a loss crosses its limit, against a search step by step; and what a study says of it."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insitu.errors import InputError
from insitu.studies.compared import Compared, compare, crossing, judge, verdict
from insitu.studies.requirements import choose
from insitu.studies.tables import Factor, tables

FACTORS = tables("cristiano2018").factors
FACTOR = FACTORS[0]


def naive_crossing(values, losses, limit, log, steps=2000):
    """Walk along the drawn curve in small steps until the loss is above the limit; exact, however small the losses."""
    if losses[0] > limit:
        return values[0]
    for (a, b), (low, high) in zip(itertools.pairwise(values), itertools.pairwise(losses), strict=True):
        start, rise = steps * (Fraction(low) - Fraction(limit)), Fraction(high) - Fraction(low)
        for k in range(steps + 1):
            if start + k * rise > 0:
                part = k / steps
                return math.exp((1 - part) * math.log(a) + part * math.log(b)) if log else a + part * (b - a)
    return None


@st.composite
def curves(draw):
    n = draw(st.integers(1, 6))
    values = sorted(draw(st.lists(st.integers(1, 1000), min_size=n, max_size=n, unique=True)))
    losses = draw(st.lists(st.floats(-0.01, 0.05), min_size=n, max_size=n))
    return [float(v) for v in (values if draw(st.booleans()) else values[::-1])], losses


@given(curves(), st.floats(0.0, 0.02), st.booleans())
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
        ((0.0, -0.006, -0.02), 0.0, "0.5 (0.5 to 0.5)"),
        ((-0.004, -0.006, -0.02), 0.0, "too much already at 0"),
        ((0.0, -0.006, -0.02), 0.002 * math.sqrt(2), "0.5 (0.167 to 0.833)"),
        ((0.0, 0.0, -0.004), 0.002 * math.sqrt(2), "1.75 (1.25 to beyond 2)"),
        ((0.0, 0.0, -0.002), 0.002 * math.sqrt(2), "never from 0 to 2 (perhaps at 1.5)"),
        ((0.0, -0.006, -0.001), 0.0, "0.5 (0.5 to 0.5), unsteady: more seeds"),
    ],
)
def test_what_is_said_of_a_factor(differences, sd, says):
    assert verdict(judge(FACTOR, (0.0, 1.0, 2.0), _points(*differences, sd=sd), limit=0.003, log=False)) == says


def test_one_seed_has_no_spread():
    (point,) = _points(-0.01, seeds=1)
    assert point.error == 0.0
    one = judge(FACTOR, (1e5, 10.0), [*_points(0.0, seeds=1), point], limit=0.003, log=True)
    assert verdict(one) == "6,310 (one seed)"


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


def test_all_sweeps_are_there_for_both_arrays():
    known = tables("cristiano2018")
    assert len({f.name for f in FACTORS}) == len(FACTORS)
    assert {f.panel for f in FACTORS} == set(known.panels)
    assert {panel.rstrip("ab") for panel in known.panels} == {str(n) for n in range(1, 14)}
    parts = {f.panel: {g.name.partition(".")[0] for g in FACTORS if g.panel == f.panel} for f in FACTORS}
    for panel in ("1", "2a", "2b", "4", "5", "6", "7a", "7b", "12"):
        assert parts[panel] == {"MSP", "LSP"}


def test_a_recipe_without_tables_says_which_have_some():
    with pytest.raises(InputError, match="shi2018 has no ladder and no list of requirements; allowed: cristiano2018"):
        tables("shi2018")


def test_points_of_all_factors_are_recipes_that_can_be_built():
    from insitu.recipes import cristiano2018, registry
    from insitu.recipes.loading import put, resolve, to_toml, validate

    base = resolve(cristiano2018.Recipe, registry.toml_text("cristiano2018"))
    known = tables("cristiano2018")
    for changes in ({}, known.alone):
        for factor in FACTORS:
            assert isinstance(factor, Factor)
            points = factor.points(base)
            values = [value for value, _ in points]
            assert values in (sorted(values), sorted(values, reverse=True))
            for _, setting in points:
                table = to_toml(base)
                for key, value in (changes | setting).items():
                    put(table, key, value)
                cristiano2018.cell_of(validate(cristiano2018.Recipe, table))
    off = resolve(cristiano2018.Recipe, registry.toml_text("cristiano2018"), ["transfer.every=off"])
    (leak,) = choose(FACTORS, ["LSP.leak"])
    with pytest.raises(InputError, match=r"transfer\.every: is off"):
        leak.points(off)
