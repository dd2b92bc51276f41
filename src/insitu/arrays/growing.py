"""Pulses that grow from turn to turn of a closed loop: what that asks of a device, and the numbers that kernels want."""

from __future__ import annotations

from insitu.cells import Encoding
from insitu.devices.base import Device, Programming, parameters
from insitu.errors import InputError, require_between

_MOST = 10  #: times the first amplitude, beyond which nothing goes: what was measured ends long before
_PLACES = (0.1, 0.5, 0.9)  #: of the range, where a law is asked for a larger step
_SAME = 0.01  #: of an amplitude: as near as a generator that was read back
_NAMES = ("rise_up", "rise_down", "most_up", "most_down", "steep_up", "steep_down")


def growth_of(growth: float, max_volts: float | None, device: Device, encoding: Encoding) -> dict[str, float]:
    """Return the fields of :class:`insitu.kernels.state.Loop` that say how the amplitude grows; 0 where it does not.

    Parameters
    ----------
    growth, max_volts : see :class:`insitu.arrays.closed_loop.ClosedLoop`, V.

    Raises
    ------
    InputError : pulses are to grow, and of this device it is not known what larger ones do, or no pulses are simulated.
    """
    found = dict.fromkeys(_NAMES, 0.0)
    if not growth:
        return found
    _require(growth, device, encoding)
    for way in _ways(device):
        first, slope = getattr(device.pulse, f"volts_{way}"), getattr(device.pulse, f"per_volt_{way}")
        require_between(
            "closed_loop.max_volts",
            max_volts,
            first,
            _MOST * first,
            unit="V",
            hint=f"Pulses {way} begin at {first:g} V",
        )
        most = _MOST * first if max_volts is None else max_volts
        found |= {f"rise_{way}": growth / first, f"most_{way}": most / first - 1, f"steep_{way}": slope * first}
    return found


def beyond_measured(growth: float, max_volts: float | None, turns: int, device: Device) -> str | None:
    """Return what to say where pulses may grow beyond the amplitudes of which steps were measured; None where they do not.

    Parameters
    ----------
    growth, max_volts, turns : of :class:`insitu.arrays.closed_loop.ClosedLoop`, V, V, and most turns of a write.

    A device that does not say what was measured (:class:`insitu.devices.pulse.Pulse`) is taken to know what it does.
    """
    pulse, off, ends = device.pulse, [], []
    for way in _ways(device) if growth else ():
        first, known = getattr(pulse, f"volts_{way}"), getattr(pulse, f"measured_{way}")
        if known is None:
            continue
        ends.append(known)
        most = min(first + (turns - 1) * growth, _MOST * first if max_volts is None else max_volts)
        if most > (1 + _SAME) * known:
            off.append(f"{way} up to {most:g} V, measured from {first:g} to {known:g} V")
    if not off:
        return None
    firsts = [getattr(pulse, f"volts_{way}") for way in _ways(device)]
    remedy = f"closed_loop.max_volts to {min(ends):g}" if min(ends) >= max(firsts) else "a smaller closed_loop.growth"
    return (
        f"pulses of closed loops grow beyond the amplitudes that were measured on this {type(device).__name__} "
        f"({'; '.join(off)}), where its steps are extrapolated; set {remedy}, or measure larger pulses"
    )


def _ways(device: Device) -> tuple[str, ...]:
    return ("up",) if device.one_sided else ("up", "down")


def _require(growth: float, device: Device, encoding: Encoding) -> None:
    """Raise InputError unless larger pulses are simulated, and it is known what they do."""
    name, asked = type(device).__name__, f"closed_loop.growth: got {growth:g} V"
    if encoding.digital:
        raise InputError(
            f"{asked}, but the cells of codes of bits take equal pulses; allowed is 0, or another encoding"
        )
    if device.programming.error_sd is not None:
        raise InputError(
            f"{asked}, but this {name} is written by a statistical law (programming.error_sd), whatever its pulses do; "
            f"allowed is 0, or programming={Programming()!r}, with which it is written pulse by pulse"
        )
    unknown = [way for way in _ways(device) if not device.pulse.known(way)]
    if unknown:
        raise InputError(
            f"{asked}, but of this {name} it is not known how its steps {' and '.join(unknown)} grow with the amplitude of a "
            "pulse; fit pulses of several amplitudes (insitu fit FILE --at most), or give the device pulse="
            f"Pulse({', '.join(f'{what}_{way}=...' for way in unknown for what in ('volts', 'per_volt'))}); 0 is equal pulses"
        )
    deaf = [way for way in _ways(device) if not _heeds(device, way)]
    if deaf:
        raise InputError(
            f"{asked}, but the law of {name} takes no notice of step_{deaf[0]}, by which steps grow with the amplitude; "
            "allowed is 0, or a law that does"
        )


def _heeds(device: Device, way: str) -> bool:
    """Whether a law does more where the step of its cell is larger."""
    p, sign = parameters(device.without("c2c")), 1 if way == "up" else -1
    wider = p._replace(**{f"step_{way}": 1.5 * getattr(p, f"step_{way}")})
    places = [p.g_min + x * (p.g_max - p.g_min) for x in _PLACES]
    middle = 0.5 if device.draw == "uniform" else 0.0
    return any(device.step(g, sign, p, middle) != device.step(g, sign, wider, middle) for g in places)
