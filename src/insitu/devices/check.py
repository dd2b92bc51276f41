"""The conformance suite for devices: everything that an array takes for granted, checked on your own device."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from insitu.devices.base import CELL_FIELDS, GROUPS, Device, parameters
from insitu.devices.compiled import kernels
from insitu.devices.fabricate import fabricate
from insitu.devices.response import pulse
from insitu.errors import InputError, InsituError
from insitu.units import si

#: the most extreme numbers that an array draws, and ordinary ones
_NORMAL = (0.0, -6.4, -3.0, -1.0, -0.1, 0.1, 1.0, 3.0, 6.4)
_UNIFORM = (0.0, 2.0**-33, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0 - 2.0**-33)
_STATES = (0.0, 1e-6, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0 - 1e-6, 1.0)


@dataclass(frozen=True)
class CheckReport:
    """What :func:`check_device` found: one sentence for each failure, none if the device is fit for an array."""

    device: str
    failures: tuple[str, ...]
    checks: int

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return not self.failures

    def __str__(self) -> str:
        if self.passed:
            return f"{self.device}: all {self.checks} checks passed"
        lines = [f"{self.device}: {len(self.failures)} of {self.checks} checks failed", *self.failures]
        return "\n  - ".join(lines)


def check_device(device: Device) -> CheckReport:
    """Check that a device keeps the promises that arrays and kernels rely on; never raises.

    The checks run at the bounds and between, at extreme random numbers, for the nominal cell and for cells three
    standard deviations out in every spread; the last one compiles the law.

    Returns
    -------
    CheckReport, with ``passed``, ``failures`` and a readable ``str()``.
    """
    name, checks = type(device).__name__, 0
    for group in (_FORM, _USABLE, _BEHAVIOUR):  # one after the other: the later would only stumble over the same
        checks += len(group)
        if failures := [sentence for check in group for sentence in _first(check, device)]:
            break
    return CheckReport(name, tuple(failures), checks)


def require_usable(device: Device, name: str) -> list[str]:
    """Return what else :func:`check_device` finds, but for what compiling shows, of a device that can be used.

    Raises
    ------
    InputError : it cannot, for it is no device, or its law does not return numbers; ``name`` heads the sentence.
    """
    for check in (*_FORM, *_USABLE):
        if found := _first(check, device):
            raise InputError(f"{name}: {found[0]}")
    return [sentence for check in _BEHAVIOUR if check is not _compiles for sentence in _first(check, device)]


def _first(check: Callable[[Device], Iterator[str]], device: Device) -> list[str]:
    """Return the first failure of one check, or what it stumbled over."""
    try:
        sentence = next(check(device), None)
    except Exception as error:  # whatever the user's code raises is a finding
        promise, what = (check.__doc__ or "").rstrip("."), " ".join(str(error).split())
        sentence = f"the check '{promise}' stopped with {type(error).__name__}: {what}"
    return [] if sentence is None else [sentence]


# --- form: what the thing is -----------------------------------------------------------------------------------------


def _is_frozen_dataclass(device: Device) -> Iterator[str]:
    """The device is a frozen dataclass that derives from Device."""
    if not isinstance(device, Device):
        yield f"got a {type(device).__name__}; a device is an instance of a class that derives from Device"
    elif "__dataclass_params__" not in vars(type(device)):
        own = [name for name, kind in inspect.get_annotations(type(device)).items() if "ClassVar" not in str(kind)]
        if own:
            told = "write @dataclass(frozen=True, kw_only=True) above the class"
            yield f"{type(device).__name__}: {told}, so that {own[0]} is a field"


def _step_is_static(device: Device) -> Iterator[str]:
    """The law is a static method step(g, polarity, p, z) of the class."""
    law = inspect.getattr_static(type(device), "step", None)
    if not isinstance(law, staticmethod):
        yield "step: write @staticmethod above it; a law knows its cell by p alone"
    elif law is vars(Device)["step"]:
        yield "step: the class does not define the static method step(g, polarity, p, z)"
    elif len(inspect.signature(law.__func__).parameters) != 4:
        yield "step: takes exactly four arguments, step(g, polarity, p, z)"


def _fields_are_numbers(device: Device) -> Iterator[str]:
    """Every field is a number, None, or a tuple of numbers."""
    for name, value in vars(device).items():
        items = value if isinstance(value, tuple) else (value,)
        if name not in GROUPS:
            finite = all(isinstance(item, int | float | np.number) and math.isfinite(item) for item in items)
            if value is not None and (not finite or not items):
                yield f"{name}: got {value!r}; allowed is a finite number, a tuple of such numbers, or None"
    parameters(device)


_FORM = (_is_frozen_dataclass, _step_is_static, _fields_are_numbers)

# --- behaviour: what a pulse does ------------------------------------------------------------------------------------


def _cells(device: Device) -> Iterator[Any]:
    """Yield the parameters of the nominal cell and of cells at the extremes of the spread."""
    nominal = parameters(device)
    yield nominal
    if any(vars(device.spread).values()):
        for z in product((-3.0, 3.0), repeat=4):
            cell = fabricate(device, np.array(z))
            if cell[1] > cell[0]:
                yield nominal._replace(**dict(zip(CELL_FIELDS, map(float, cell), strict=True)))


def _pulses(device: Device) -> Iterator[tuple[float, int, Any]]:
    for p, x, polarity in product(_cells(device), _STATES, (1, -1)):
        yield min(p.g_min + x * (p.g_max - p.g_min), p.g_max), polarity, p


def _draws(device: Device) -> tuple[float, ...]:
    if not device.noisy:
        return (0.0,)
    return _UNIFORM if device.draw == "uniform" else _NORMAL


def _where(g: float, polarity: int) -> str:
    return f"{'an up' if polarity > 0 else 'a down'} pulse at {si(g, 'S')}"


def _returns_finite_floats(device: Device) -> Iterator[str]:
    """The step is a finite number at every state and random number."""
    for (g, polarity, p), z in product(_pulses(device), _draws(device)):
        after = device.step(g, polarity, p, z)
        if not isinstance(after, float | int) or isinstance(after, bool) or not math.isfinite(after):
            yield f"step: {_where(g, polarity)} with z = {z:g} gives {after!r}; allowed is a finite number"


def _is_pure(device: Device) -> Iterator[str]:
    """The same inputs give the same output, and nothing else changes."""
    before = repr(device)
    arguments = list(product(_pulses(device), _draws(device)))
    first = [device.step(g, polarity, p, z) for (g, polarity, p), z in arguments]
    again = [device.step(g, polarity, p, z) for (g, polarity, p), z in reversed(arguments)][::-1]
    for ((g, polarity, _), _z), a, b in zip(arguments, first, again, strict=True):
        if a != b:
            yield f"step: {_where(g, polarity)} gives {a!r} and then {b!r}; the same inputs must give the same output"
    if repr(device) != before:
        yield "step: changes the device; a law changes nothing, it returns the new conductance"


def _moves_the_right_way(device: Device) -> Iterator[str]:
    """Without noise an up pulse never lowers the conductance and a down pulse never raises it."""
    quiet = device.without("c2c")
    for g, polarity, p in _pulses(quiet):
        start = p.g_min if polarity > 0 else p.g_max
        if device.one_sided and abs(g - start) > 0.11 * (p.g_max - p.g_min):
            continue  # a SET may turn round where it saturates, and a RESET ends at its residue
        if (pulse(device, p, g, polarity) - g) * polarity < -1e-9 * (p.g_max - p.g_min):
            moved = quiet.step(g, polarity, p, 0.0) - g
            yield f"step: {_where(g, polarity)} moves the conductance by {si(moved, 'S')}, the wrong way"


def _keeps_to_its_scale(device: Device) -> Iterator[str]:
    """Without noise one pulse moves the cell by less than twice its range; more is a mistaken unit."""
    p, reach = parameters(device.without("c2c")), device.g_max - device.g_min
    for x, polarity in product(_STATES, (1, -1)):
        g = device.g_min + x * reach
        moved = abs(device.step(g, polarity, p, 0.0) - g)
        if moved > 2 * reach:
            yield (
                f"step: {_where(g, polarity)} moves the conductance by {si(moved, 'S')}, more than twice the range "
                f"of {si(reach, 'S')}; are the steps in siemens?"
            )


def _noise_off_is_exact(device: Device) -> Iterator[str]:
    """With the cycle-to-cycle noise off the random number has no effect."""
    quiet = device.without("c2c")
    if quiet.noisy:
        yield f"noise_off: with the fields {device.noise_off} the device still says that it is noisy"
    for g, polarity, p in _pulses(quiet):
        exact = device.step(g, polarity, p, 0.0)
        if any(device.step(g, polarity, p, z) != exact for z in (_UNIFORM if device.draw == "uniform" else _NORMAL)):
            yield (
                f"step: {_where(g, polarity)} depends on z although the noise is off; multiply z by p.c2c_cv, or name "
                "the fields of your noise in noise_off"
            )


def _what_is_declared_has_an_effect(device: Device) -> Iterator[str]:
    """Noise and spread that the device declares do change its steps."""
    step, pulses, draws = device.step, list(_pulses(device)), _draws(device)
    heard = any(step(g, polarity, p, z) != step(g, polarity, p, 0.0) for (g, polarity, p), z in product(pulses, draws))
    if device.noisy and device.c2c_cv != 0 and not heard:
        yield "step: takes no notice of z although the device says that it is noisy; use p.c2c_cv * z"
    if device.c2c_cv and device.draw == "none":
        yield 'c2c_cv: is set but draw is "none", so that no random number will come; say draw = "normal" or "uniform"'
    if device.spread.step_cv or device.spread.asymmetry_cv:
        for sign, field in ((1, "step_up"), (-1, "step_down"))[: 1 if device.one_sided else 2]:
            wide = [
                (g, p, p._replace(**{field: 1.5 * getattr(p, field)})) for g, polarity, p in pulses if polarity == sign
            ]
            if all(step(g, sign, p, 0.0) == step(g, sign, wider, 0.0) for g, p, wider in wide):
                yield f"step: takes no notice of p.{field} although the device has a spread of steps"


def _compiles(device: Device) -> Iterator[str]:
    """The law compiles."""
    try:
        kernels(device, "alternate")  # which compiles soonest
    except InsituError as error:
        yield str(error)


_USABLE = (_returns_finite_floats,)
_BEHAVIOUR = (
    _is_pure,
    _moves_the_right_way,
    _keeps_to_its_scale,
    _noise_off_is_exact,
    _what_is_declared_has_an_effect,
    _compiles,
)
