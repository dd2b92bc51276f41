"""How presets of aihwkit become devices: dimensionless weights brought to an assumed scale, by exact conversion.

The numbers are those of aihwkit (MIT licence), src/aihwkit/simulator/presets/devices.py; no code is taken over. Its
conventions of up and down are kept: a positive ``up_down`` weakens the down step only, and a slope refers to the bound that
the pulse moves to, so that ``dw_min`` is the mean step at w = 0 (in the exponential law the factor before it).
"""

from __future__ import annotations

from collections.abc import Mapping

from insitu.devices.base import Device, Spread
from insitu.devices.library.parameter_set import ParameterSet, Value
from insitu.devices.linear import LinearStep
from insitu.devices.table import TableStep

#: The assumed scale: w = 0 is ZERO, and a unit of w is UNIT, both in S.
ZERO, UNIT = 10e-6, 5e-6
SCALE = "10 uS at w = 0, 5 uS a unit of w"


def preset(
    name: str,
    device: Device,
    summary: str,
    citation: str,
    source: str,
    numbers: Mapping[str, str],
    *,
    left_out: str,
    scale: str = SCALE,
    extra: Mapping[str, Value] | None = None,
) -> ParameterSet:
    """Return a parameter set whose ``numbers`` are dimensionless notes of what aihwkit states, by field of the device.

    Ranges are tagged ours, for they are the assumed scale; other numbers in siemens inferred, for they follow from what is
    stated and that scale; the rest stated. ``extra`` goes before all that.
    """
    provenance = {}
    for field, note in numbers.items():
        if field in ("g_min", "g_max"):
            provenance[field] = Value("ours", f"{note} (stated) at the assumed scale")
        elif field in device.units:
            provenance[field] = Value("inferred", f"{note} (stated) at the assumed scale")
        else:
            provenance[field] = Value("stated", note)
    return ParameterSet(
        name=name,
        device=device,
        summary=summary,
        citation=citation,
        source=f"{source} The numbers are those of the preset in aihwkit; the paper was not read.",
        validity=(
            f"Normalised; absolute scale assumed: {scale}. For identical pulses, within the pulse numbers of the fit; no "
            f"dependence on amplitude, width or temperature. Where bounds differ from cell to cell, the step is anchored "
            f"at the bound that a pulse leaves, in aihwkit at w = 0. Left out: {left_out}."
        ),
        provenance={**provenance, **(extra or {})},
    )


def soft(step: float, high: float, low: float, c2c: float, spread: Spread) -> TableStep:
    """Return soft bounds of aihwkit, dw = step (1 - w / bound + c2c z): the scatter does not shrink with the step."""
    up, down = 1 - low / high, 1 - high / low  # the step at the bound that a pulse leaves, in units of ``step``
    return TableStep(
        g_min=ZERO + low * UNIT,
        g_max=ZERO + high * UNIT,
        step_up=up * step * UNIT,
        step_down=down * step * UNIT,
        up=(1.0, 0.0),
        down=(0.0, 1.0),
        up_sd=(1 / up, 1 / up),
        down_sd=(1 / down, 1 / down),
        c2c_cv=c2c,
        spread=spread,
    )


def linear(step: float, high: float, low: float, gamma_up: float, gamma_down: float, **others: object) -> LinearStep:
    """Return the linear step of aihwkit, dw = step (1 - gamma w / bound), bound = high for up and low for down pulses."""
    up, down = 1 - gamma_up * low / high, 1 - gamma_down * high / low
    return LinearStep(
        g_min=ZERO + low * UNIT,
        g_max=ZERO + high * UNIT,
        step_up=up * step * UNIT,
        step_down=down * step * UNIT,
        gamma_up=gamma_up * (high - low) / high / up,
        gamma_down=gamma_down * (low - high) / low / down,
        **others,  # type: ignore[arg-type]
    )


def bounds(low: float, high: float) -> dict[str, str]:
    """Return the notes on a range of w."""
    return {"g_min": f"w_min {low:g}", "g_max": f"w_max {high:g}"}


#: origin of the tables of :func:`soft`
TABLE = {
    "up": Value("inferred", "soft bounds (stated): full step at the lower bound, none at the upper"),
    "down": Value("inferred", "soft bounds (stated): full step at the upper bound, none at the lower"),
    "up_sd": Value("inferred", "additive noise (stated), in units of the first step"),
    "down_sd": Value("inferred", "additive noise (stated), in units of the first step"),
}

#: origin of the asymmetry of most presets
ASYMMETRY = {"spread.asymmetry_cv": Value("inferred", "twice up_down_dtod 0.01 (stated), to first order")}
