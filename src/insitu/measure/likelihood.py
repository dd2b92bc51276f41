"""How probable measured pulses are under a device: the bridge from numbers to the compiled filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import Device
from insitu.devices.compiled import flat_parameters, kernels
from insitu.measure.pulses import Pulses


class Likelihood:
    """The log-likelihood of the readings of some pulses, with their columns laid out for the filter once.

    See :mod:`insitu.kernels.filtering`: the conductance is the state of an extended Kalman filter, which a pulse moves and
    scatters and a reading sees with noise ``sd(g) = read_cv g + read_sd``. Scatter of steps adds up from pulse to pulse and
    noise of readings does not: that is how the two are told apart. Exact for steps that are linear in the conductance and
    whose scatter does not depend on it; else to first order in both.
    """

    def __init__(self, pulses: Pulses) -> None:
        self.pulses = pulses
        self._columns = (
            np.ascontiguousarray(pulses.of, np.int64),
            np.ascontiguousarray(pulses.polarity, np.float64),
            np.ascontiguousarray(pulses.before, np.float64),
            np.ascontiguousarray(pulses.after, np.float64),
            np.ascontiguousarray(pulses.link, np.int64),
        )
        self._nothing = np.empty((4, 0))

    def of(self, device: Device) -> Callable[[NDArray[np.float64], NDArray[np.float64], float, float], float]:
        """Return the same for a law whose numbers vary.

        (numbers, flat, CELL_FIELDS first; cells; read_sd; read_cv) -> log-likelihood

        Which numbers there are, and whether pulses scatter, is as in ``device``; nothing is checked.
        """
        run, columns, nothing = kernels(device, "follow").follow, self._columns, self._nothing
        return lambda law, cells, read_sd, read_cv: run(law, cells, *columns, read_cv, read_sd, nothing)

    def __call__(self, device: Device, cells: NDArray[np.float64], read_sd: float, read_cv: float = 0.0) -> float:
        """Return the log-likelihood.

        Parameters
        ----------
        cells : (4, devices) g_min, g_max, step_up, step_down of each measured device, S.
        read_sd, read_cv : noise of a reading, S, and relative to the conductance.
        """
        return self._run(device, cells, read_sd, read_cv, self._nothing)

    def follow(
        self, device: Device, cells: NDArray[np.float64], read_sd: float, read_cv: float = 0.0
    ) -> NDArray[np.float64]:
        """Return (4, n): mean and variance of each reading as foreseen before it, and of the state once it is known."""
        out = np.empty((4, self.pulses.of.size))
        self._run(device, cells, read_sd, read_cv, out)
        return out

    def _run(
        self, device: Device, cells: NDArray[np.float64], read_sd: float, read_cv: float, out: NDArray[Any]
    ) -> float:
        law = np.array(flat_parameters(device))
        run = kernels(device, "follow").follow
        return float(run(law, np.ascontiguousarray(cells), *self._columns, float(read_cv), float(read_sd), out))
