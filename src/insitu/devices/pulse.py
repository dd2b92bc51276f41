"""The pulse that the law of a device is the answer to, and how its steps grow where the amplitude does."""

from __future__ import annotations

from dataclasses import dataclass

from insitu.devices.imperfections import Imperfection, number
from insitu.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Pulse(Imperfection):
    """Amplitude of the pulses of a device, and how steps grow with it: ``step(V) = step(V0) exp(per_volt (|V| - V0))``.

    None, of either direction: not known, and all its pulses are alike. What grows is ``step_up`` or ``step_down`` of a cell,
    and with it what is in proportion to it, such as the scatter c2c_cv. Only closed loops send pulses of another amplitude
    than V0 (:class:`insitu.arrays.closed_loop.ClosedLoop`).

    Parameters
    ----------
    volts_up, volts_down : V0, the amplitude |V| at which the device has the steps that it has, V.
    per_volt_up, per_volt_down : growth of the logarithm of a step, 1/V; 1/v of ``exp(|V| / v)``.
    measured_up, measured_down : the largest amplitude |V| at which steps were measured, V, beyond which what grows is
        extrapolated, and closed loops say so; None: not known.

    References
    ----------
    Steps are exponential in the amplitude where ions hop over a barrier that the field lowers: N. F. Mott and R. W. Gurney,
    Electronic Processes in Ionic Crystals (1940). That one number a direction serves is ours, and ``insitu fit`` says of
    measured pulses whether it does (docs/fit.md).
    """

    volts_up: float | None = number(0.01, 1000, "V")
    volts_down: float | None = number(0.01, 1000, "V")
    per_volt_up: float | None = number(-1000, 1000)
    per_volt_down: float | None = number(-1000, 1000)
    measured_up: float | None = number(0.01, 1000, "V")
    measured_down: float | None = number(0.01, 1000, "V")

    def __post_init__(self) -> None:
        super().__post_init__()
        for way in ("up", "down"):
            if (getattr(self, f"volts_{way}") is None) != (getattr(self, f"per_volt_{way}") is None):
                raise InputError(
                    f"pulse: volts_{way} and per_volt_{way} belong together; give both, or neither for pulses that are alike"
                )
            first, most = getattr(self, f"volts_{way}"), getattr(self, f"measured_{way}")
            if most is not None and (first is None or most < first):
                least = (
                    f"at least volts_{way}, which is {first:g} V" if first else f"a value beside that of volts_{way}"
                )
                raise InputError(
                    f"pulse.measured_{way}: got {most:g} V; allowed is {least}, or None where it is not known"
                )

    def known(self, way: str) -> bool:
        """Whether it is known how steps ``up`` or ``down`` grow."""
        return getattr(self, f"volts_{way}") is not None
