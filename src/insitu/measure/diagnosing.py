"""What a network will feel of a device: levels, curvature, balance of up and down, and noise, in the field's own figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import Device
from insitu.devices.response import mean_response, pulses_to_cross, step_statistics, symmetry_point
from insitu.devices.switch import StochasticSwitch

_ROUNDING = 1e-9  #: below which figures of the order of 1 are what rounding leaves
_LABEL = 0.07  #: distance from the diagonal that is one unit of NeuroSim's label
_REACH = 0.99  #: of the range: pulses over this part are the levels
LONGEST = 20_000  #: pulses of a curve


@dataclass(frozen=True)
class Diagnosis:
    """Figures of merit of a device; None where they have no meaning, as those of down pulses for an abrupt RESET.

    Parameters
    ----------
    on_off : g_max / g_min.
    pulses_up, pulses_down : noise-free pulses over 99 % of the range: the nominal number of levels, less one.
    nonlinearity_up, nonlinearity_down : NeuroSim's label: the largest distance of the curve, both axes normalised, from
        the diagonal, in units of 0.07; positive is a fast start of LTP, negative a fast start of LTD. The curve is that to
        the bound, or until a pulse moves the cell by less than 1e-5 of the range: the last hundredth of the range takes half
        of the pulses of a very nonlinear cell, and with them a third of its label.
    asymmetry : largest distance of the up curve from the down curve, ``max |G_up(n) - G_down(N - n)| / (g_max - g_min)``.
    imbalance : of a mean step up and down in mid-range, ``(up - down) / (up + down)``; of a cell that switches between levels
        that of the probabilities, for its mean steps are those from the levels about mid-range.
    symmetry_point : where a mean up pulse undoes a mean down pulse, as a place in the range, 0 to 1.
    snr : mean step over its scatter in mid-range, the smaller of up and down.
    levels : ``range / max(mean step, scatter)`` in mid-range, the smaller of up and down: steps that noise does not hide. A
        cell that switches has no more than lie between its levels.
    wander : scatter that one sweep over the range adds up to, ``scatter sqrt(pulses) / range``, the larger of both.
    readable : ``range / (2 sd of a read)``: levels that one read tells apart at one standard deviation each side.
    """

    on_off: float | None
    pulses_up: int | None
    pulses_down: int | None
    nonlinearity_up: float | None
    nonlinearity_down: float | None
    asymmetry: float | None
    imbalance: float | None
    symmetry_point: float | None
    snr: float | None
    levels: float | None
    wander: float | None
    readable: float | None


def diagnose(device: Device, signs: Sequence[int] = (1, -1)) -> Diagnosis:
    """Return the figures of merit of the nominal cell of a device; of one direction only, where ``signs`` has only that.

    References
    ----------
    NL label: manual of MLP+NeuroSim 3.0, section 5 (the distance in units of 0.07 fits its table). Symmetry factor and
    SNR: Gong et al., Nat. Commun. 9, 2102 (2018), Fig. 4, here with the sum in the denominator. Others: see above.
    """
    wide, signs = device.g_max - device.g_min, [s for s in (1, -1) if s in signs and not (s < 0 and device.one_sided)]
    both = len(signs) == 2
    up, down = (_curve(device, sign) if sign in signs else None for sign in (1, -1))
    middle = (device.g_min + device.g_max) / 2
    moments = [step_statistics(device, sign, [_middle(device, sign)]) for sign in signs]
    means = [abs(float(mean[0])) for mean, _ in moments]
    scatters = [float(sd[0]) for _, sd in moments]
    number = [_levels(curve, device) for curve in (up, down) if curve is not None]
    known = dict(zip(signs, number, strict=True))
    noise = device.read_noise.of(middle)
    switch = device if isinstance(device, StochasticSwitch) else None
    # between levels there is no conductance that pulses could keep
    balance = symmetry_point(device) if both and not switch else None
    total = sum(means)
    levels = min(wide / max(m, s, 1e-12 * wide) for m, s in zip(means, scatters, strict=True))
    return Diagnosis(
        on_off=device.g_max / device.g_min if device.g_min > 0 else None,
        pulses_up=known.get(1),
        pulses_down=known.get(-1),
        nonlinearity_up=_label(up) if up is not None else None,
        nonlinearity_down=_label(down) if down is not None else None,
        asymmetry=_asymmetry(up, down, device) if up is not None and down is not None else None,
        imbalance=_cleared((means[0] - means[1]) / total) if both and total else None,
        symmetry_point=(balance - device.g_min) / wide if balance is not None else None,
        snr=min(m / s for m, s in zip(means, scatters, strict=True)) if all(scatters) else None,
        levels=min(levels, switch.levels - 1.0) if switch else levels,
        wander=max(s * float(np.sqrt(n)) / wide for s, n in zip(scatters, number, strict=True)),
        readable=wide / (2 * noise) if noise else None,
    )


def _middle(device: Device, sign: int) -> float:
    """Return mid-range, S; of a cell with levels the one nearest to it from which a pulse can move the cell that way."""
    if not isinstance(device, StochasticSwitch):
        return (device.g_min + device.g_max) / 2
    below, above = (device.levels - 1) // 2, device.levels // 2
    return device.g_min + (below if sign > 0 else above) * (device.g_max - device.g_min) / (device.levels - 1)


def _curve(device: Device, polarity: int) -> NDArray[np.float64]:
    n = max(1, pulses_to_cross(device, polarity, 1.0, LONGEST))
    return mean_response(device, [polarity] * n, device.g_min if polarity > 0 else device.g_max)


def _levels(curve: NDArray[np.float64], device: Device) -> int:
    there = np.abs(curve - curve[0]) >= _REACH * (device.g_max - device.g_min)
    return int(there.argmax()) if there.any() else len(curve) - 1


def _label(curve: NDArray[np.float64]) -> float:
    """Return the signed perpendicular distance of a curve from its chord, both normalised, in units of 0.07."""
    moved = curve[-1] - curve[0]
    if not moved:
        return 0.0
    ahead = (curve - curve[0]) / moved - np.linspace(0, 1, curve.size)
    most = float(ahead[np.abs(ahead).argmax()]) * float(np.sign(moved))
    return _cleared(most / (2**0.5 * _LABEL))


def _cleared(figure: float) -> float:
    """Return a figure of the order of 1, or 0 where it is what sums in double precision leave."""
    return figure if abs(figure) > _ROUNDING else 0.0


def _asymmetry(up: NDArray[np.float64], down: NDArray[np.float64], device: Device) -> float:
    at = np.linspace(0, 1, 401)
    rising = np.interp(at, np.linspace(0, 1, up.size), up)
    falling = np.interp(at, np.linspace(0, 1, down.size), down)[::-1]
    return _cleared(float(np.abs(rising - falling).max() / (device.g_max - device.g_min)))
