"""What a measured pulse costs: V^2 G t, and the cost set that says so, for ``insitu price``."""

from __future__ import annotations

from typing import Any

import numpy as np
import tomli_w
from numpy.typing import NDArray

from insitu.ledger import costset
from insitu.ledger.amount import Amount
from insitu.measure.fitting import Fit
from insitu.measure.pulses import Pulses

_ENDS = (0.05, 0.95)  #: quantiles that are low and high
_WAYS = {"up": 1, "down": -1}
#: what no pulse tells of, with the numbers and sources that every memory of ours has
_SHARED = ("read_voltage", "read_time", "line_capacitance")
_SHARED_BY = "taox-tio2-neurosim"
_COVERS = (
    "the cell alone: V^2 G t with the amplitude and width of the pulses that were fitted, and the conductance that is read "
    "at a small voltage; a cell that is not ohmic takes more; no selector, lines, pump or verify"
)


def pulse_energies(pulses: Pulses) -> dict[str, Amount]:
    """Return the energy of a measured pulse, J, up and down, as far as amplitude and width are known.

    V^2 G t with G the mean of the readings before and after: the median of all pulses, from their 5 % to their 95 % quantile.
    """
    if pulses.amplitude is None or pulses.width is None:
        return {}
    energy = pulses.amplitude**2 * pulses.width * np.maximum((pulses.before + pulses.after) / 2, 0.0)
    found = {}
    for way, sign in _WAYS.items():
        mine = energy[(pulses.polarity == sign) & np.isfinite(energy)]
        if mine.size and mine.max() > 0:
            low, high = np.quantile(mine, _ENDS).tolist()
            found[way] = Amount(low, float(np.median(mine)), high)
    return found


def cost_set(name: str, fit: Fit, pulses: Pulses) -> str | None:
    """Return the text of a cost set for a fitted device; None where amplitude or width are not in the file.

    Amplitude, width and the highest conductance are the medians of what was measured, from their 5 % to their 95 % quantile:
    of pulses, and of devices. The conductance that a pulse meets is counted when a network is trained.
    """
    ways = pulse_energies(pulses)
    if not ways:
        return None
    found: dict[str, dict[str, Any]] = {}
    for way in ways:
        mine = pulses.polarity == _WAYS[way]
        for what, unit in (("voltage", "V"), ("width", "s")):
            values = pulses.amplitude if what == "voltage" else pulses.width
            assert values is not None
            found[f"{what}_{way}"] = _entry(np.abs(values[mine]), unit, pulses.source)
    found["g_on"] = _entry(fit.cells[1], "S", f"g_max of the fit to {pulses.source}", float(fit.device.g_max))
    shared = costset.load(_SHARED_BY)
    for key in _SHARED:
        one = shared.coefficients[key]
        about = {"unit": one.unit, "node": one.node, "tag": one.tag, "source": " ".join(one.source.split())}
        found[key] = {"value": one.value, "low": one.low, "high": one.high} | about
    summary = f"{name}: pulses as they were measured"
    return tomli_w.dumps({"summary": summary, "kind": "memory", "covers": _COVERS, "coefficients": found})


def _entry(values: NDArray[np.float64], unit: str, source: str, value: float | None = None) -> dict[str, Any]:
    """Return a coefficient with the spread of its values."""
    known = values[np.isfinite(values)]
    middle = float(np.median(known)) if value is None else value
    low, high = np.quantile(known, _ENDS).tolist()
    ends = {"low": min(low, middle), "high": max(high, middle)}
    numbers = {key: float(f"{one:.6g}") for key, one in ({"value": middle} | ends).items()}
    return numbers | {"unit": unit, "node": "as measured", "tag": "stated", "source": source}
