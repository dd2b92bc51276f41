import math
from dataclasses import replace

import numpy as np
import pytest

from insitu.errors import InputError, RunError
from insitu.reports.curves import Axis, curve_points, plot_curves

X, METHOD = "pruning.fraction", "pruning.method"
PRUNED, RIGHT = Axis(X, "pruned (%)", 100), Axis("accuracy", "accuracy (%)", 100)


def _row(fraction, method, seed, accuracy):
    return {X: fraction, METHOD: method, "seed": seed, "accuracy": accuracy}


TABLE = [
    _row(0.4, "soft", 0, 0.93),
    _row(0.4, "soft", 1, 0.95),
    _row(0.0, "soft", 0, 0.94),
    _row(0.4, "conventional", 0, 0.89),
    _row(0.4, "conventional", 1, None),
]


def test_mean_spread_and_number_of_seeds():
    curves = curve_points(TABLE, X, METHOD, "accuracy")
    assert list(curves) == ["soft", "conventional"]
    (point, single), (at, alone) = curves["soft"].itertuples(index=False), curves["soft"].index
    assert (at, point.count) == (0.4, 2)
    assert point.mean == pytest.approx(0.94)
    assert point.std == pytest.approx(np.std([0.93, 0.95], ddof=1))
    assert (alone, single.count) == (0.0, 1)
    assert math.isnan(single.std)
    assert curves["conventional"]["count"].iloc[0] == 1, "a run that failed is left out"


def test_one_curve_and_several_fields():
    assert list(curve_points(TABLE[:3], X, None, "accuracy")) == ["accuracy"]
    assert list(curve_points(TABLE, X, (METHOD, "seed"), "accuracy")) == ["soft, 0", "soft, 1", "conventional, 0"]


def test_lists_are_categories(tmp_path):
    table = [_row([8], "soft", 0, 0.93), _row([16, 8], "soft", 0, 0.94), _row([8], "soft", 1, 0.95)]
    assert list(curve_points(table, X, METHOD, "accuracy")["soft"].index) == ["8", "16, 8"]
    assert plot_curves(table, PRUNED, RIGHT, tmp_path / "lists.png", title="Layers").is_file()


@pytest.mark.parametrize(
    ("table", "arguments", "message"),
    [
        (TABLE, ("pruning.fractoin", METHOD, "accuracy"), "did you mean 'pruning.fraction'"),
        (TABLE, (X, "method", "accuracy"), "no field 'method'"),
        (TABLE, (X, METHOD, "acuracy"), "did you mean 'accuracy'"),
        ([], (X, METHOD, "accuracy"), "no row has a number"),
        ([TABLE[-1]], (X, METHOD, "accuracy"), "no row has a number"),
        (TABLE, (X, None, "accuracy"), "two rows have pruning.fraction = 0.4, seed = 0"),
    ],
)
def test_bad_tables(table, arguments, message):
    with pytest.raises(InputError, match=message):
        curve_points(table, *arguments)


@pytest.mark.parametrize("x", [PRUNED, replace(PRUNED, log=True), Axis(METHOD, "method")], ids=str)
def test_draws_a_png(x, tmp_path):
    path = tmp_path / "curve.png"
    reference = {"stated": 0.93, "a point": (0.75, 0.9)} if x.field == X else None
    other = METHOD if x.field == X else X
    table = [row | {X: row[X] + 0.1} for row in TABLE]
    assert plot_curves(table, x, RIGHT, path, title="a title", series=other, reference=reference) == path
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(RunError, match="cannot be written"):
        plot_curves(TABLE, PRUNED, RIGHT, tmp_path / "missing" / "curve.png", title="a title", series=METHOD)
