"""What a fit leaves unexplained: the errors of its forecasts, in units of the deviation that it expects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.measure.fitting import Fit
from insitu.measure.pulses import START, Pulses
from insitu.measure.reversing import after_reversal

_SURE = 4.0  #: standard errors from which on something is said
_BINS = 10  #: of either polarity, over the conductance and over the place in a train
_TIED = 0.5  #: correlation of successive errors from which on most of each is foreseen by the one before
_MISSED = 0.1  #: part of the variance of errors that is in their means from which on a law does not fit


def standardised(fit: Fit, pulses: Pulses) -> NDArray[np.float64]:
    """Return (n,) the error of each forecast of a reading, over its expected deviation; standard normal for a perfect fit."""
    mean, variance = fit.foreseen[:2]
    return np.asarray((pulses.after - mean) / np.sqrt(variance))


@dataclass(frozen=True)
class Residuals:
    """What is left of a fit.

    Parameters
    ----------
    number, mean, sd, kurtosis : of the errors; their excess kurtosis. autocorrelation : of successive ones.
    over_state, over_train : part of their variance that is in their means, over the conductance, and over the place of a
        pulse in its train of one polarity, less what chance explains; 0 for a law that fits.
    reversal : part of its step that each of the first pulses after a reversal does, and its error; empty if not known.
    """

    number: int
    mean: float
    sd: float
    kurtosis: float
    autocorrelation: float
    over_state: float = 0.0
    over_train: float = 0.0
    reversal: tuple[tuple[float, float], ...] = ()

    @property
    def missed(self) -> float:
        """The larger of the two parts that are in means."""
        return max(self.over_state, self.over_train)

    @property
    def fits(self) -> bool:
        """Whether the law follows the mean of the steps."""
        return self.missed < _MISSED

    def sentences(self) -> list[str]:
        """Return what the law does not explain; empty if the errors are those of white normal noise."""
        found, unsure = [], _SURE / np.sqrt(self.number)
        if not self.fits:
            over = "conductance" if self.over_state > self.over_train else "place of a pulse in its train"
            found.append(
                f"Warning: no law that was tried fits. Forecasts of the best err to one side over the {over} "
                f"({self.missed:.0%} of the variance of their errors): do not rely on this device."
            )
        if any(abs(part - 1) > max(_SURE * error, _MISSED) for part, error in self.reversal):
            first = ", ".join(f"{part:.2f} ± {error:.2f}" for part, error in self.reversal)
            found.append(
                f"Warning: the device remembers the last polarity. The first pulses after a reversal do {first} of their "
                "step, which no law here does: under pulses up and down in turn the cell moves otherwise than this device."
            )
        if abs(self.mean) > unsure * self.sd:
            way = "above" if self.mean > 0 else "below"
            found.append(f"Readings come out {way} what the law foresees, by {abs(self.mean):.2f} sd on average.")
        if abs(self.autocorrelation) > unsure:
            why = (
                "the device relaxes, drifts or jumps (telegraph noise) in a way that this law does not have"
                if self.autocorrelation > 0
                else "readings have a noise that this fit takes for scatter of steps, so do not trust its steps"
            )
            said = f"uccessive errors hang together (correlation {self.autocorrelation:.2f}): {why}"
            far = self.autocorrelation > _TIED
            found.append(f"Warning: s{said}; its numbers are off by more than their errors." if far else f"S{said}.")
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
    variance = float((centred**2).mean()) or 1.0  # of a cell without any noise all errors are 0
    pairs = (centred[1:] * centred[:-1])[linked]
    return Residuals(
        number=z.size,
        mean=float(z.mean()),
        sd=float(z.std()),
        kurtosis=float((centred**4).mean() / max(variance, 1.0) ** 2 - 3),
        autocorrelation=float(pairs.mean() / variance) if pairs.size else 0.0,
        over_state=_in_means(z, pulses.polarity, fit.foreseen[0]),
        over_train=_in_means(z, pulses.polarity, _places(pulses)),
        reversal=after_reversal(fit, pulses),
    )


def _places(pulses: Pulses) -> NDArray[np.float64]:
    """Return (n,) how many pulses of its polarity have come before each in its train."""
    new = pulses.begins
    return np.asarray(np.arange(new.size) - np.flatnonzero(new)[np.cumsum(new) - 1], float)


def _in_means(z: NDArray[np.float64], polarity: NDArray[np.int8], over: NDArray[np.float64]) -> float:
    """Return which part of the variance of z is in its means over something, less what chance explains; 0 if unsure."""
    bins = np.zeros(z.size, np.intp)
    for sign in (1, -1):
        mine = np.flatnonzero(polarity == sign)
        rank = np.searchsorted(np.sort(over[mine]), over[mine])  # equal places stay together
        bins[mine] = rank * _BINS // max(mine.size, 1) + (_BINS if sign < 0 else 0)
    size = np.bincount(bins)
    of = size > 1
    means = np.bincount(bins, z)[of] / size[of]
    part = float(
        (size[of] * means**2).sum() / max(float((z**2).sum()), z.size)
    )  # errors below what was foreseen are none
    chance, doubt = of.sum() / z.size, _SURE * np.sqrt(2 * of.sum()) / z.size
    return float(part - chance) if part > chance + doubt else 0.0
