"""What a fit leaves unexplained: the errors of its forecasts, in units of the deviation that it expects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insitu.measure.fitting import Fit
from insitu.measure.pulses import START, Floats, Pulses

_SURE = 4.0  #: standard errors from which on something is said


def standardised(fit: Fit, pulses: Pulses) -> Floats:
    """Return (n,) the error of each forecast of a reading, over its expected deviation; standard normal for a perfect fit."""
    mean, variance = fit.foreseen[:2]
    return (pulses.after - mean) / np.sqrt(variance)


@dataclass(frozen=True)
class Residuals:
    """Parameters: number, mean, deviation and excess kurtosis of the errors, and the correlation of successive ones."""

    number: int
    mean: float
    sd: float
    kurtosis: float
    autocorrelation: float

    def sentences(self) -> list[str]:
        """Return what the law does not explain; empty if the errors are those of white normal noise."""
        found, unsure = [], _SURE / np.sqrt(self.number)
        if abs(self.mean) > unsure * self.sd:
            way = "above" if self.mean > 0 else "below"
            found.append(f"Readings come out {way} what the law foresees, by {abs(self.mean):.2f} sd on average.")
        if abs(self.autocorrelation) > unsure:
            found.append(
                f"Successive errors hang together (correlation {self.autocorrelation:.2f}): the device relaxes, drifts or "
                "jumps in a way that this law does not have."
            )
        if self.kurtosis > max(1.0, unsure * np.sqrt(24)):
            found.append(
                f"Errors have heavier tails than normal ones (excess kurtosis {self.kurtosis:.1f}): rare large jumps. A "
                "JumpTable keeps the whole distribution; see docs/add-a-device.md."
            )
        return found


def residuals(fit: Fit, pulses: Pulses) -> Residuals:
    """Return what is left of a fit."""
    z = standardised(fit, pulses)
    centred = z - z.mean()
    linked = pulses.link[1:] != START
    variance = float((centred**2).mean())
    pairs = (centred[1:] * centred[:-1])[linked]
    return Residuals(
        number=z.size,
        mean=float(z.mean()),
        sd=float(z.std()),
        kurtosis=float((centred**4).mean() / variance**2 - 3),
        autocorrelation=float(pairs.mean() / variance) if pairs.size else 0.0,
    )
