"""How probable measured pulses are under a device: the bridge from numbers to the compiled filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.devices.base import Device
from insitu.devices.compiled import flat_parameters, kernels
from insitu.measure.pulses import Pulses
from insitu.measure.straying import as_normal, wild_of
from insitu.measure.varying import Conditions

#: (devices,) distance of the levels of each, relative to the conductance, and probabilities of a jump up and down
Jumping = tuple[Doubles, tuple[float, float]]
#: (2, m, points) normal numbers, and (points,) strays, of :func:`insitu.measure.straying.components`
Tailed = tuple[Doubles, Doubles]
_RAREST = 1e-16  #: probability of a reading that is foreseen as good as never
_SURE = 1e-9  #: of the range: no reading is held to be more exact
_PILED = 1e-3  #: nor one of those that pile up at an extreme
_LANES = 4  #: of the smallest processors; larger ones have a multiple


def _filled(*several: Doubles) -> list[Doubles]:
    """Return arrays (..., points) with the last point again until they fill the lanes of the processor.

    What does not fill them runs one by one.
    """
    n = several[0].shape[-1]
    more = -n % _LANES if n > 2 else 0
    return [np.concatenate([one, *[one[..., -1:]] * more], -1) if more else one for one in several]


def _exact(pulses: Pulses) -> Doubles:
    """Return (n,) how exact the readings of a pulse are held to be at most, as a part of the range.

    A cell that stays at its bound, read without noise, or as 0 with noise in proportion, gives one reading again and again.
    Their density would be as high as one likes, and the law bent until it foresees nothing else: they count as rounded.
    """
    found, piled = np.full(pulses.of.size, _SURE), pulses.piled
    for end, k in np.argwhere(piled).tolist():
        own = np.flatnonzero(pulses.of == k)
        at = pulses.after[own].max() if end else pulses.after[own].min()
        found[own[(pulses.after[own] == at) | (pulses.before[own] == at)]] = _PILED
    return found


class Likelihood:
    """The log-likelihood of the readings of some pulses, with their columns laid out for the filter once.

    See :mod:`insitu.kernels.filtering`: the conductance is the state of an extended Kalman filter, which a pulse moves and
    scatters and a reading sees with noise ``sd(g) = read_cv g + read_sd``. Scatter of steps adds up from pulse to pulse and
    noise of readings does not: that is how the two are told apart. Exact for steps that are linear in the conductance and
    whose scatter does not depend on it; else to first order in both.
    """

    def __init__(self, pulses: Pulses, conditions: Conditions | None = None) -> None:
        """Take pulses; cells of several ``conditions`` are given one by one, all of the first device first."""
        self.pulses = pulses
        many = 1 if conditions is None else conditions.sign.size
        self._wild, self._many = np.repeat(wild_of(pulses), many), many
        self._columns = (
            np.ascontiguousarray(pulses.of * many + (0 if conditions is None else conditions.of), np.int64),
            np.ascontiguousarray(pulses.polarity, np.float64),
            np.stack([pulses.before, pulses.after, _exact(pulses)]),
            np.ascontiguousarray(pulses.link, np.int64),
        )
        self._nothing = np.empty((4, 0))

    def of(self, device: Device) -> Callable[[Doubles, Doubles, Doubles], Doubles]:
        """Return the same of each measured device, for laws whose numbers vary, many at once.

        ((numbers, laws) flat, CELL_FIELDS first; (4, devices, laws) cells; (2, laws) read_cv, read_sd) -> (devices, laws)

        Which numbers there are, and whether pulses scatter, is as in ``device``; nothing is checked.
        """
        run, columns, nothing = kernels(device, "follow").follow, self._columns, self._nothing

        def score(laws: Doubles, cells: Doubles, noises: Doubles) -> Doubles:
            n, (laws, cells, noises) = laws.shape[1], _filled(laws, cells, noises)
            found = np.zeros(cells.shape[1:])
            run(laws, cells, *columns, noises, found, nothing)
            return self._summed(found)[:, :n]

        return score

    def of_tails(self, device: Device) -> Callable[[Doubles, Doubles, Doubles, Tailed], Doubles]:
        """Return the same with heavy tails: what :func:`insitu.measure.straying.components` makes."""
        run, columns, nothing = kernels(device, "follow_strays").follow_strays, self._columns, self._nothing
        wild = self._wild[None, :, None]

        def score(laws: Doubles, cells: Doubles, noises: Doubles, tails: Tailed) -> Doubles:
            cells = np.concatenate([cells, np.broadcast_to(wild, (1, *cells.shape[1:]))])
            n, filled = laws.shape[1], _filled(laws, cells, np.vstack([noises, tails[1]]), tails[0])
            laws, cells, noises, parts = filled
            found = np.zeros(cells.shape[1:])
            run(laws, cells, *columns, noises, parts, found, nothing)
            return self._summed(found)[:, :n]

        return score

    def of_jumps(self, device: Device) -> Callable[[Doubles, Doubles, float, float, Jumping], Doubles]:
        """Return the same of one law and telegraph noise: ((numbers,), (4, devices), read_sd, read_cv, .) -> (devices,)."""
        run, columns, nothing = kernels(device, "follow_jumps").follow_jumps, self._columns, np.empty((8, 0))

        def score(law: Doubles, cells: Doubles, read_sd: float, read_cv: float, jumps: Jumping) -> Doubles:
            scores, noises = np.zeros(cells.shape[1]), np.array([read_cv, read_sd, *jumps[1]])
            run(law, np.vstack([cells, np.repeat(jumps[0], self._many)]), *columns, noises, scores, nothing)
            return self._summed(scores)

        return score

    def _summed(self, scores: Doubles) -> Doubles:
        """Return (devices, ...) sums over the conditions of each device."""
        return scores if self._many == 1 else scores.reshape(-1, self._many, *scores.shape[1:]).sum(axis=1)

    def __call__(self, device: Device, cells: Doubles, read_sd: float, read_cv: float = 0.0) -> float:
        """Return the log-likelihood.

        Parameters
        ----------
        cells : (4, devices) g_min, g_max, step_up, step_down of each measured device, S.
        read_sd, read_cv : noise of a reading, S, and relative to the conductance.
        """
        return self._run(device, cells, read_sd, read_cv, self._nothing)

    def follow(
        self,
        device: Device,
        cells: Doubles,
        read_sd: float,
        read_cv: float = 0.0,
        tails: Tailed | None = None,
    ) -> Doubles:
        """Return (4, n): mean and variance of each reading as foreseen before it, and of the state once it is known.

        With heavy ``tails`` the variance is that of a normal number that would be off as improbably as the reading is.
        """
        if tails is None:
            out = np.empty((4, self.pulses.of.size))
            self._run(device, cells, read_sd, read_cv, out)
            return out
        return self.follow_tails(device, cells, read_sd, read_cv, tails)[0]

    def follow_tails(
        self, device: Device, cells: Doubles, read_sd: float, read_cv: float, tails: Tailed
    ) -> tuple[Doubles, Doubles]:
        """Return the same, and (n,) the variance of each reading were there no tails."""
        out, wild, (parts, stray) = np.empty((4, self.pulses.of.size)), self._wild, tails
        laws, noises = np.array(flat_parameters(device))[:, None], np.array([[read_cv], [read_sd], [stray[0]]])
        whole, scores = np.vstack([cells, wild])[:, :, None], np.zeros((cells.shape[1], 1))
        kernels(device, "follow_strays").follow_strays(laws, whole, *self._columns, noises, parts, scores, out)
        noise = (read_cv * out[0] + read_sd) ** 2
        core = out[1] + noise
        out[1] = as_normal(
            self.pulses.after - out[0], out[1], noise, parts[:, :, 0], float(stray[0]), wild[self._columns[0]]
        )
        return out, core

    def follow_jumps(
        self, device: Device, cells: Doubles, read_sd: float, read_cv: float, jumps: Jumping
    ) -> tuple[Doubles, Doubles]:
        """Return what :meth:`follow` does, and (3, n) what the filter says of the levels after each pulse.

        What is foreseen has two peaks. Its variance is that of both; its mean is moved so that the reading is off by as many
        deviations as a normal number as rare: errors over deviations are standard normal for a perfect fit.
        """
        from scipy.special import ndtri

        out, law = np.empty((8, self.pulses.of.size)), np.array(flat_parameters(device))
        run, cells = kernels(device, "follow_jumps").follow_jumps, np.vstack([cells, np.repeat(jumps[0], self._many)])
        run(law, cells, *self._columns, np.array([read_cv, read_sd, *jumps[1]]), np.zeros(cells.shape[1]), out)
        z = ndtri(np.clip(out[4], _RAREST, 1 - _RAREST))
        out[0] = self.pulses.after - z * np.sqrt(out[1])
        return out[:4], out[5:]

    def _run(self, device: Device, cells: Doubles, read_sd: float, read_cv: float, out: NDArray[Any]) -> float:
        laws, noises = np.array(flat_parameters(device))[:, None], np.array([[read_cv], [read_sd]], float)
        run, scores = kernels(device, "follow").follow, np.zeros((cells.shape[1], 1))
        run(laws, np.ascontiguousarray(cells)[:, :, None], *self._columns, noises, scores, out)
        return float(scores.sum())
