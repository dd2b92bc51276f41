"""Units, and how a number of a file becomes a conductance: given as one, as a current or as a resistance."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.errors import InputError, require_between, require_bool
from insitu.units import CONDUCTANCE_QUANTUM, si

#: quantity -> its unit in lower case, other spellings, and the prefixes that measurements of memory have
_UNITS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "conductance": ("s", ("siemens", "mho"), "munpf"),
    "current": ("a", ("amp", "ampere", "amps"), "munpf"),
    "resistance": ("ohm", ("ohms",), "mkMGT"),
    "voltage": ("v", ("volt", "volts"), "mun"),
    "time": ("s", ("sec", "second", "seconds"), "munpf"),
    "temperature": ("k", ("kelvin",), ""),
}
_LONG = {"min": 60.0, "minute": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "d": 86400.0, "day": 86400.0}  # s
_CELSIUS = ("c", "°c", "degc", "deg c", "celsius")
_FACTOR = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
READINGS = ("conductance", "current", "resistance")
ALLOWED = "allowed are S, mS, uS, nS, pS and G0, A to fA (currents), ohm, kOhm, MOhm, GOhm (resistances)"
#: S, of a reading of which nothing, the file, or the user says what it is
_BELOW = 0.1  #: of the largest: noise takes readings as far below 0
_MANY, _FEW = 20, 0.05  #: readings of which a part may be no conductances, and the part
_LARGEST, _STATED, _GIVEN = 0.01, 0.1, 1.0


@dataclass(frozen=True)
class Unit:
    """A unit of a quantity: ``factor`` of the SI unit, in which its 0 is at ``zero``."""

    quantity: str
    factor: float
    text: str
    zero: float = 0.0


def unit_of(text: str, *quantities: str) -> Unit | None:
    """Return the unit that a text names, as one of some quantities; None if it names none."""
    plain = text.strip(" ()[]{}<>").replace("Â", "").replace("µ", "u").replace("μ", "u")
    plain = plain.replace("Ω", "ohm").replace("Ω", "ohm").replace("micro", "u")
    power = re.fullmatch(r"[x×*\s]*(?:10\s*\^?|1e)\(?([+-]\d{1,2})\)?\s*(.+)", plain.translate(_SUPERSCRIPT))
    if power and not power[2][0].isdigit():  # 10^-6 S
        unit = unit_of(power[2], *quantities)
        return unit and Unit(unit.quantity, unit.factor * 10.0 ** int(power[1]), text.strip())
    if plain.lower() == "g0" and "conductance" in quantities:
        return Unit("conductance", CONDUCTANCE_QUANTUM, "G0")
    if "time" in quantities and (long := _LONG.get(plain.lower()) or _LONG.get(plain.lower().removesuffix("s"))):
        return Unit("time", long, text.strip())
    if "temperature" in quantities and plain.lower() in _CELSIUS:
        return Unit("temperature", 1.0, text.strip(), 273.15)
    for quantity in quantities:
        base, spellings, prefixes = _UNITS[quantity]
        ending = max((one for one in (base, *spellings) if plain.lower().endswith(one)), key=len, default="")
        if not ending:
            continue
        prefix = plain[: len(plain) - len(ending)].strip()
        if prefix == "m" and quantity == "resistance" and plain == plain.lower():
            continue  # milli or mega: not said
        if prefix not in ("", *prefixes):  # in capitals, as in G_AFTER_US
            prefix = next((one for one in prefixes if one.lower() == prefix.lower()), "none")
        if prefix in _FACTOR:
            return Unit(quantity, _FACTOR[prefix], text.strip())
    return None


@dataclass(frozen=True)
class Given:
    """What the user says of the readings; see :func:`insitu.measure.read_pulses`."""

    unit: float | str | None = None
    zero: float = 0.0
    read_voltage: float | None = None
    magnitude: bool = False

    def __post_init__(self) -> None:
        require_bool("magnitude", self.magnitude)
        if isinstance(self.unit, str):
            if unit_of(self.unit, *READINGS) is None:
                raise InputError(f"unit: got '{self.unit}'; {ALLOWED}, or a number, S a unit")
        else:
            require_between("unit", self.unit, 1e-15, 1, unit="S")
        require_between("zero", self.zero, 0, 1, unit="S", optional=False)
        if self.zero and (self.unit is None or isinstance(self.unit, str)):
            raise InputError(f"zero: got {self.zero:g} S; give with it the unit as a number, for example --unit 5e-6")
        require_between("read_voltage", self.read_voltage, -100, 100, unit="V")
        if self.read_voltage is not None and abs(self.read_voltage) < 1e-9:
            raise InputError("read_voltage: got 0 V; give the voltage at which currents were read, for example 0.1")
        if self.read_voltage is not None and isinstance(self.unit, float | int):
            raise InputError("unit: got a number of siemens and a read voltage; give the unit of currents, such as uA")


@dataclass(frozen=True)
class Scale:
    """From numbers of a file to siemens.

    Parameters
    ----------
    unit : of the numbers. given : what the user said. stated : whether anything said the unit.
    volts : (n,) at which each was read, V; None if the file does not say.
    """

    unit: Unit
    given: Given
    stated: bool
    volts: NDArray[np.float64] | None = None

    @property
    def words(self) -> str:
        """What the numbers are."""
        magnitude = ", by magnitude" if self.given.magnitude else ""
        if isinstance(self.given.unit, float | int):
            zero = f" and {si(self.given.zero, 'S')} at 0"
            return f"{si(float(self.given.unit), 'S')} a unit{zero} as given{magnitude}"
        at = f" at {self._read_at}" if self.unit.quantity == "current" else ""
        unstated = "" if self.stated else ", as nothing else is said"
        return f"{self.unit.quantity}s in {self.unit.text}{at}{unstated}{magnitude}"

    @property
    def _read_at(self) -> str:
        """The voltage at which currents were read, in words."""
        if self.volts is None:
            return si(self.given.read_voltage or 1.0, "V")
        known = np.unique(self.volts).tolist()
        return si(known[0], "V") + (f" to {si(known[-1], 'V')}" if len(known) > 1 else "") + ", as the file says"

    def siemens(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return conductances, S; NaN where a number stands for none."""
        raw = np.abs(values) if self.given.magnitude else values
        with np.errstate(all="ignore"):
            if self.unit.quantity == "current":
                volts = np.asarray(self.given.read_voltage or 1.0) if self.volts is None else self.volts
                g = self.unit.factor * raw / (np.abs(volts) if self.given.magnitude else volts)
            elif self.unit.quantity == "resistance":
                g = 1.0 / (self.unit.factor * raw)
            else:
                g = self.given.zero + self.unit.factor * raw
        return np.where(np.isfinite(g), g, np.nan)

    @property
    def most(self) -> float:
        """The largest conductance, S, that is believed."""
        return _GIVEN if self.given.unit is not None else _STATED if self.stated else _LARGEST

    def strange(self, g: NDArray[np.float64]) -> tuple[NDArray[np.bool_], str]:
        """Return which few of many conductances, S, cannot be meant, as an overflow of the meter, and what the others are."""
        known = g[~np.isnan(g)]
        if known.size < _MANY:
            return np.zeros(g.shape, bool), ""
        low, high = np.quantile(known, (_FEW, 1 - _FEW)).tolist()
        with np.errstate(invalid="ignore"):
            far = (g < -_BELOW * abs(high)) | (g > self.most)
        if low < -_BELOW * abs(high) or high > self.most or far.sum() > _FEW * known.size:
            return np.zeros(g.shape, bool), ""
        return far, f"a reading as the others are, {si(low, 'S')} to {si(high, 'S')} for 90 % of them"

    def check(self, name: str, column: str, g: NDArray[np.float64]) -> None:
        """Refuse conductances, S, that cannot be meant."""
        known = g[~np.isnan(g)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        said = f"{name}: {column} runs from {low:.3g} to {high:.3g} S, read as {self.words}"
        if self.unit.quantity == "current" and low < -_BELOW * abs(high):
            raise InputError(
                f"{said}; currents at a negative voltage need it with its sign, --read-voltage -0.1, or --magnitude"
            )
        if low < -_BELOW * abs(high) or high > self.most:
            raise InputError(
                f"{said}, which are no conductances of a memory cell; say what they are, for example --unit uS, --unit "
                "kOhm, --read-voltage 0.1 (currents), --magnitude (signs mean nothing), or --unit 5e-6 --zero 10e-6 "
                "(normalised: 5 uS a unit, 10 uS at 0)"
            )


def scale_of(
    name: str, column: str, unit: Unit | None, quantity: str, given: Given, volts: Callable[[], Doubles] | None = None
) -> Scale:
    """Return what the numbers of a column are.

    Parameters
    ----------
    column : its name in the file. unit : that the file gives, or None. quantity : that its name gives, or ''.
    volts : returns the voltage (n,) at which each was read, V; None if the file does not say.
    """
    stated = unit is not None
    if isinstance(given.unit, str):
        unit, stated = unit_of(given.unit, *READINGS), True
    elif given.unit is not None:
        unit, stated = Unit("conductance", float(given.unit), ""), True
    elif unit is None:
        quantity = quantity or "conductance"
        unit = Unit(quantity, 1.0, {"conductance": "S", "current": "A", "resistance": "ohm"}[quantity])
    assert unit is not None
    if given.read_voltage is not None and unit.quantity != "current":
        if unit.factor != 1.0 or unit.quantity == "resistance":
            raise InputError(
                f"{name}: {column} holds {unit.quantity}s in {unit.text}, and a read voltage turns currents into "
                "conductances; leave --read-voltage out, or say that they are currents, for example --unit uA"
            )
        unit = Unit("current", 1.0, "A")
    if unit.quantity == "current" and given.read_voltage is None and volts is None:
        raise InputError(
            f"{name}: {column} holds currents in {unit.text}; give the voltage at which they were read, for example "
            "--read-voltage 0.1"
        )
    at = volts() if unit.quantity == "current" and volts is not None else None
    return Scale(unit, given, stated, at)
