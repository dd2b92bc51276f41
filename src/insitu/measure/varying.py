"""Pulses of several amplitudes and widths: one law, whose steps grow with both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.devices.pulse import Pulse
from insitu.measure.doing import parts_done
from insitu.measure.families import Free
from insitu.measure.pulses import SAME_CONDITION, Pulses
from insitu.measure.searching import Estimate
from insitu.units import si

GROWTH = "pulse."  #: before the names of the numbers by which steps grow
SIDES = {1: "up", -1: "down"}
_VOLT, _POWER = "per_volt", "width_power"
_STEEP, _SURE = 50.0, 4.0  #: largest 1 / v, 1 / V; errors from which on a condition is said to be off


@dataclass(frozen=True)
class Conditions:
    """The amplitudes and widths of pulses, of either direction.

    Parameters
    ----------
    of : (n,) which of them a pulse has. sign : (c,) its direction. volts, seconds : (c,) |V| and s; NaN where not known.
    volts_at, seconds_at : (c,) those of the device that is fitted.
    """

    of: NDArray[np.intp]
    sign: NDArray[np.int8]
    volts: Doubles
    seconds: Doubles
    volts_at: Doubles
    seconds_at: Doubles

    @property
    def free(self) -> dict[str, Free]:
        """The numbers by which steps grow, ``pulse.per_volt_up`` (1/v) and the like, as far as pulses tell of them."""
        found = {}
        for sign, side in SIDES.items():
            mine = self.sign == sign
            if mine.any() and _differ(self.volts[mine]):
                found[f"pulse.{_VOLT}_{side}"] = Free(1.0, -_STEEP, _STEEP)
            if mine.any() and _differ(self.seconds[mine]):
                found[f"pulse.{_POWER}_{side}"] = Free(0.5, -5.0, 5.0)
        return found

    def factors(self, numbers: Mapping[str, Any]) -> Doubles:
        """Return (c,) steps at each condition over that of the device: ``exp((|V| - V0) / v) (t / t0)^p``.

        Of several points, whose numbers are arrays (points,), (c, points).
        """
        log: Any = np.zeros(self.sign.size)
        for sign, side in SIDES.items():
            for what in (_VOLT, _POWER):
                if (name := f"pulse.{what}_{side}") in numbers:
                    over = self.volts - self.volts_at if what == _VOLT else np.log(self.seconds / self.seconds_at)
                    grown = np.multiply.outer(np.where(self.sign == sign, over, 0.0), numbers[name])
                    log = grown + (log if log.ndim == grown.ndim else log[:, None])
        return np.asarray(np.exp(np.clip(log, -30.0, 30.0)))

    def starts(self, pulses: Pulses) -> dict[str, float]:
        """Return where a search begins: slopes of the logarithms of mean steps over amplitude, and over that of the width."""
        step = np.bincount(self.of, pulses.after - pulses.before) / np.bincount(self.of) * self.sign
        found = {}
        for name in self.free:
            mine = (self.sign == (1 if name.endswith("_up") else -1)) & (step > 0)
            over = self.volts if _VOLT in name else np.log(self.seconds)
            if mine.sum() > 1 and np.ptp(over[mine]) > 0:
                found[name] = float(np.polyfit(over[mine], np.log(step[mine]), 1)[0])
        return found


@dataclass(frozen=True)
class Condition:
    """One amplitude and width.

    Parameters
    ----------
    side : up or down. volts, seconds : |V| and s; None where not known. pulses : of them.
    step, error : first step of the law there, S. measured, measured_error : step that the pulses themselves do, over that.
    """

    side: str
    volts: float | None
    seconds: float | None
    pulses: int
    step: float
    error: float | None
    measured: float
    measured_error: float

    def where(self) -> str:
        """Return side, amplitude and width in words."""
        values = [si(x, u) for x, u in ((self.volts, "V"), (self.seconds, "s")) if x is not None]
        return f"{' and '.join(values)} {self.side}"

    @property
    def fits(self) -> bool:
        """Whether the law of amplitude and width holds there."""
        return abs(self.measured - 1) <= max(_SURE * self.measured_error, 0.1)


def conditions_of(pulses: Pulses) -> Conditions | None:
    """Return the conditions of pulses that are to be fitted together, ``Pulses.at`` says at which; None of others."""
    if pulses.at is None:
        return None
    nothing = np.full(pulses.of.size, np.nan)
    volts = nothing if pulses.amplitude is None else np.abs(pulses.amplitude)
    seconds = nothing if pulses.width is None else pulses.width
    key = np.stack([pulses.polarity.astype(float), _grouped(volts), _grouped(seconds)], axis=1)
    found, of = np.unique(np.nan_to_num(key, nan=-1.0), axis=0, return_inverse=True)
    sign = found[:, 0].astype(np.int8)
    at = np.array([pulses.at[0 if s > 0 else 1] for s in sign.tolist()])
    known = np.where(found[:, 1:] < 0, np.nan, found[:, 1:])
    return Conditions(of.ravel(), sign, known[:, 0], known[:, 1], at[:, 0], at[:, 1])


def _grouped(values: Doubles) -> Doubles:
    """Return values of which those within 1 % of each other are one, their mean."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    with np.errstate(invalid="ignore"):
        group = np.cumsum(np.r_[False, np.diff(ordered) > SAME_CONDITION * np.abs(ordered[1:])])
    mean = np.bincount(group, ordered) / np.bincount(group)
    found = np.empty_like(values)
    found[order] = mean[group]
    return found


def _differ(values: Doubles) -> bool:
    return bool(np.isfinite(values).all() and np.ptp(values) > SAME_CONDITION * np.abs(values).max())


def pulse_of(conditions: Conditions | None, numbers: Mapping[str, float]) -> Pulse:
    """Return the pulse of a device that is fitted to these, and how its steps grow where that has been found."""
    if conditions is None:
        return Pulse()
    known: dict[str, float] = {}
    for sign, side in SIDES.items():
        if (slope := numbers.get(f"{GROWTH}{_VOLT}_{side}")) is not None:
            mine = conditions.sign == sign
            first, most = float(conditions.volts_at[mine][0]), float(conditions.volts[mine].max())
            known |= {f"volts_{side}": first, f"{_VOLT}_{side}": slope, f"measured_{side}": max(first, most)}
    return Pulse(**known)


def said_of_growth(numbers: Mapping[str, tuple[float, float | None]], conditions: Conditions) -> str:
    """Return how steps grow with amplitude and width, as a sentence, from value and error of each number."""
    parts = []
    for name, (value, error) in numbers.items():
        side = name.rpartition("_")[2]
        sure = "" if error is None else f" ± {error:.2g}"
        if _VOLT in name and value:
            at = "" if error is None else f" ± {si(error / value**2, 'V')}"
            parts.append(f"as exp(|V| / v) with v = {si(1 / value, 'V')}{at} {side}")
        elif _POWER in name:
            parts.append(f"as the width to the power {value:.3g}{sure} {side}")
    places = zip(conditions.sign.tolist(), conditions.volts_at.tolist(), conditions.seconds_at.tolist(), strict=True)
    where = dict.fromkeys(
        f"{' and '.join(si(x, u) for x, u in ((v, 'V'), (t, 's')) if np.isfinite(x))} {SIDES[sign]}"
        for sign, v, t in reversed(list(places))
    )
    return f"Steps grow {', '.join(parts)}. The device is that at {', '.join(where)}."


def conditions_found(
    conditions: Conditions,
    known: Mapping[str, Estimate],
    correlations: Mapping[tuple[str, str], float],
    pulses: Pulses,
    foreseen: Doubles,
) -> tuple[Condition, ...]:
    """Return each amplitude and width with the step of the law there, and what the pulses say of it."""
    factors = conditions.factors({name: one.value for name, one in known.items() if name.startswith(GROWTH)})
    chosen = conditions.of[:, None] == np.arange(conditions.sign.size)
    more, errors = parts_done(foreseen, pulses, chosen)  # each condition by itself
    found = []
    for c, sign in enumerate(conditions.sign.tolist()):
        first = known.get(f"step_{SIDES[sign]}")
        if first is None:
            continue
        away = {
            f"{GROWTH}{_VOLT}_{SIDES[sign]}": conditions.volts[c] - conditions.volts_at[c],
            f"{GROWTH}{_POWER}_{SIDES[sign]}": np.log(conditions.seconds[c] / conditions.seconds_at[c]),
        }
        sd = {name: (known[name].error or 0.0) * by for name, by in away.items() if name in known}
        sd |= {f"step_{SIDES[sign]}": (first.error or 0.0) / first.value}
        variance = sum(
            a * b * (1.0 if one == other else correlations.get((one, other), correlations.get((other, one), 0.0)))
            for one, a in sd.items()
            for other, b in sd.items()
        )
        step = first.value * float(factors[c])
        volts, seconds = (float(x[c]) if np.isfinite(x[c]) else None for x in (conditions.volts, conditions.seconds))
        error = None if first.error is None else step * float(np.sqrt(max(variance, 0.0)))
        n = int((conditions.of == c).sum())
        found.append(Condition(SIDES[sign], volts, seconds, n, step, error, 1 + float(more[c]), float(errors[c])))
    return tuple(found)


def off_conditions(conditions: Sequence[Condition]) -> list[str]:
    """Return a warning on amplitudes and widths at which steps are not as the law has them; empty if there are none."""
    off = [one for one in conditions if not one.fits]
    if not off:
        return []
    some = ", ".join(f"{one.where()}: {one.measured:.2f} ± {one.measured_error:.2f}" for one in off[:5])
    return [
        f"Warning: steps do not grow as exp(|V| / v) and a power of the width. Part of the step that pulses do: {some}."
    ]


def growth_of(
    conditions: Conditions | None,
    known: Mapping[str, Estimate],
    correlations: Mapping[tuple[str, str], float],
    pulses: Pulses,
    foreseen: Doubles,
) -> dict[str, Any]:
    """Return the fields of a fit over several amplitudes and widths; none where there is one."""
    if conditions is None or not conditions.free:
        return {}
    numbers = {name: (one.value, one.error) for name, one in known.items() if name.startswith(GROWTH)}
    rows = conditions_found(conditions, known, correlations, pulses, foreseen)
    return {"conditions": rows, "growth": said_of_growth(numbers, conditions)}
