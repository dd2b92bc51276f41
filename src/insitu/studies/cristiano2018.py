"""The ladder and the requirement sweeps of cristiano2018; what is swept follows the paper, all ranges are ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from insitu.errors import InputError
from insitu.studies.axes import Setting
from insitu.studies.tables import Factor, Panel

QUICK: Setting = {"network.hidden": [64], "training.epochs": 6, "training.rate": 0.02, "transfer.every": 500}

_NEURONS: Setting = {"chip.output_noise": "off", "network.segments": "off"}

#: one ideal pair a weight of a range that no weight leaves (insitu.networks.twin), exact updates
FLOAT: Setting = _NEURONS | {
    "cell.parts": "lsp",
    "cell.lsp": "pair",
    "cell.unit": 1 / 64,
    "lsp": {"device": "ideal"},
    "scheme": {"name": "exact"},
    "transfer.every": "off",
}

_IMPERFECTIONS = (
    *("c2c", "step_cv", "range_cv", "asymmetry_cv", "dead", "stuck_low", "stuck_high"),
    *("endurance", "endurance_cv", "leak", "drift"),
)
_SOUND_LSP: Setting = {f"lsp.{name}": "off" for name in (*_IMPERFECTIONS, "nonlinearity")}

#: what is still ideal below a rung, from the last to the first
_OFF: dict[str, Setting] = {
    "all": _NEURONS | {"transfer.charge_cv": "off"},
    "+ offset": {"transfer.offset": 0.0},
    "+ closed-loop transfer": {"closed_loop.blind": True},
    "+ PCM, blind transfer": {"msp": {"device": "ideal"}, "closed_loop.tolerance": "off", "closed_loop.blind": False},
    "+ polarity inversion": {"transfer.inversion": "off"},
    "+ 3T1C variability, leakage": _SOUND_LSP,
}


def _rungs() -> dict[str, Setting]:
    """Return what each rung changes of the recipe: at the last one nothing."""
    rungs: dict[str, Setting] = {}
    below: Setting = {}
    for name, off in _OFF.items():
        rungs[name] = below
        below = below | off
    return {"float": FLOAT, "pulses": below} | dict(reversed(rungs.items())) | {"PCM pair alone": {"cell.parts": "msp"}}


RUNGS = _rungs()

#: "msp.c2c" and the others leave the laws of the devices as they are
ALONE: Setting = _NEURONS | {f"{part}.{name}": "off" for part in ("msp", "lsp") for name in _IMPERFECTIONS}

PANELS = {
    "1": Panel("1  dynamic range", "mean first steps over the range", log=True),
    "2a": Panel("2a  nonlinearity", "part of the first step lost at the far end"),
    "2b": Panel("2b  delayed slope", "delay of the steep slope"),
    "3a": Panel("3a  asymmetry of all", "a: up x (1 + a), down x (1 - a)"),
    "3b": Panel("3b  asymmetry, d2d", "relative spread of up / down"),
    "4": Panel("4  maximum conductance, d2d", "relative spread"),
    "5": Panel("5  size of a step, d2d", "relative spread"),
    "6": Panel("6  pulse to pulse, c2c", "spread over the first step"),
    "7a": Panel("7a  yield: dead", "fraction of the devices"),
    "7b": Panel("7b  yield: stuck at the maximum", "fraction of the devices"),
    "8a": Panel("8a  drift", "exponent"),
    "8b": Panel("8b  leakage", "time constant over transfer interval", log=True),
    "9": Panel("9  closed-loop tolerance", "tolerance over the range of a weight", log=True),
    "10": Panel("10  gain F", "F", log=True),
    "11": Panel("11  transfer interval", "images", log=True),
    "12": Panel("12  endurance", "median writes", log=True),
}


def _set(field: str, *values: float, **beside: Any) -> Callable[[Any], Sequence[tuple[float, Setting]]]:
    """Return the points of a factor that is a field of the recipe; ``beside`` is changed with it, __ for a dot."""
    fixed = {name.replace("__", "."): value for name, value in beside.items()}
    return lambda recipe: [(value, fixed | {field: value}) for value in values]


def _steps(recipe: Any) -> list[tuple[float, Setting]]:
    """A device of finer steps needs more of them between two verifies: a burst crosses the range in as many rounds."""
    first = 200.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0
    return [(n, {"msp.steps": n, "closed_loop.burst": max(recipe.closed_loop.burst, round(n / 4))}) for n in first]


def _interval(recipe: Any) -> float:
    """Return the images between two transfers."""
    if recipe.transfer.every is None:
        raise InputError("transfer.every: is off; the requirements are about training with transfers, give a number")
    return float(recipe.transfer.every)


def _leak(**beside: Any) -> Callable[[Any], Sequence[tuple[float, Setting]]]:
    def points(recipe: Any) -> list[tuple[float, Setting]]:
        seconds = _interval(recipe) * recipe.chip.image_seconds
        return [(t, beside | {"lsp.leak": t * seconds}) for t in (100.0, 30.0, 10.0, 3.0, 1.0, 0.5)]

    return points


def _times(field: str, *multiples: float, whole: bool = False) -> Callable[[Any], Sequence[tuple[float, Setting]]]:
    """Return points that are multiples of what the recipe has."""

    def points(recipe: Any) -> list[tuple[float, Setting]]:
        has = _interval(recipe) if whole else recipe.cell.gain
        values = [max(1, round(m * has)) if whole else m * has for m in multiples]
        return [(float(value), {field: value}) for value in values]

    return points


_CV, _SIGMA = (0.0, 0.1, 0.2, 0.4, 0.6), (0.0, 0.3, 0.6, 1.0, 2.0, 3.0)
_STEP_CV, _TILT = (0.0, 0.2, 0.4, 0.6, 1.0), (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
_MSP_YIELD, _LSP_YIELD = (0.0, 0.05, 0.1, 0.2, 0.3), (0.0, 0.01, 0.02, 0.05, 0.1)
_LOSS, _DELAY, _NU = (0.0, 0.25, 0.5, 0.75, 1.0), (0.0, 0.25, 0.5, 0.75, 1.0), (0.0, 0.02, 0.05, 0.1)
_TOLERANCE = (0.002, 0.004, 0.0075, 0.02, 0.0375, 0.075, 0.15)
_STAYS: Setting = {"transfer.inversion": "off"}

FACTORS = tuple(
    Factor(name=name, panel=panel, points=points)
    for name, panel, points in (
        ("MSP.steps", "1", _steps),
        ("LSP.steps", "1", _set("lsp.steps", 2000.0, 1000.0, 500.0, 200.0, 100.0, 50.0, 20.0)),
        ("MSP.nonlinearity", "2a", _set("msp.nonlinearity", 0.0, 0.5, 1.0, 2.0, 5.0)),
        ("LSP.nonlinearity", "2a", _set("lsp.nonlinearity", *_LOSS)),
        ("MSP.delay", "2b", _set("msp.delay", *_DELAY)),
        ("LSP.delay", "2b", _set("lsp.delay", *_DELAY)),
        ("LSP.asymmetry", "3a", _set("lsp.asymmetry", *_TILT)),
        ("LSP.asymmetry-not-inverted", "3a", _set("lsp.asymmetry", *_TILT, transfer__inversion="off")),
        ("LSP.asymmetry_cv", "3b", _set("lsp.asymmetry_cv", *_STEP_CV)),
        ("LSP.asymmetry_cv-not-inverted", "3b", _set("lsp.asymmetry_cv", *_STEP_CV, transfer__inversion="off")),
        ("MSP.range_cv", "4", _set("msp.range_cv", *_CV)),
        ("LSP.range_cv", "4", _set("lsp.range_cv", *_CV)),
        ("MSP.step_cv", "5", _set("msp.step_cv", *_STEP_CV)),
        ("LSP.step_cv", "5", _set("lsp.step_cv", *_STEP_CV)),
        ("MSP.c2c", "6", _set("msp.c2c", *_SIGMA)),
        ("LSP.c2c", "6", _set("lsp.c2c", *_SIGMA)),
        ("MSP.dead", "7a", _set("msp.dead", *_MSP_YIELD)),
        ("LSP.dead", "7a", _set("lsp.dead", *_LSP_YIELD)),
        ("MSP.stuck_high", "7b", _set("msp.stuck_high", *_MSP_YIELD)),
        ("LSP.stuck_high", "7b", _set("lsp.stuck_high", *_LSP_YIELD)),
        ("MSP.drift", "8a", _set("msp.drift", *_NU)),
        ("MSP.drift-slow", "8a", _set("msp.drift", *_NU, chip__image_seconds=0.1, lsp__leak="off")),
        ("LSP.leak", "8b", _leak()),
        ("LSP.leak-not-inverted", "8b", _leak(**_STAYS)),
        ("CLT.tolerance", "9", _set("closed_loop.tolerance", *_TOLERANCE)),
        ("CLT.tolerance-1-round", "9", _set("closed_loop.tolerance", *_TOLERANCE, closed_loop__iterations=1)),
        ("CLT.tolerance-50-rounds", "9", _set("closed_loop.tolerance", *_TOLERANCE, closed_loop__iterations=50)),
        ("F.larger", "10", _times("cell.gain", 1, 4 / 3, 2, 8 / 3, 4, 16 / 3)),
        ("F.smaller", "10", _times("cell.gain", 1, 2 / 3, 1 / 2, 1 / 3)),
        ("interval.longer", "11", _times("transfer.every", 1, 2, 4, 7.5, whole=True)),
        ("interval.shorter", "11", _times("transfer.every", 1, 1 / 2, 1 / 4, 1 / 8, whole=True)),
        ("MSP.endurance", "12", _set("msp.endurance", 1e5, 1e4, 3e3, 1e3, 300.0, 100.0, 30.0, 10.0)),
        ("LSP.endurance", "12", _set("lsp.endurance", 1e7, 1e6, 3e5, 1e5, 3e4, 1e4, 3e3, 1e3)),
    )
)
