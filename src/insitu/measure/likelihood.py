"""How probable measured pulses are under a device: the bridge from numbers to the compiled filter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from insitu.devices.base import Device
from insitu.devices.compiled import flat_parameters, kernels
from insitu.measure.pulses import Floats, Pulses

_NOTHING = np.empty((4, 0))


class Likelihood:
    """The log-likelihood of the readings of some pulses, with their columns laid out for the filter once.

    See :mod:`insitu.kernels.filtering`: the conductance is the state of an extended Kalman filter, which a pulse moves and
    scatters and a reading sees with noise ``sd(g) = read_cv g + read_sd``. Scatter of steps adds up from pulse to pulse and
    noise of readings does not: that is how the two are told apart. Exact for steps that are linear in the conductance and
    whose scatter does not depend on it; else to first order in both.
    """

    def __init__(self, pulses: Pulses) -> None:
        self.pulses = pulses
        kinds = {"of": np.int64, "polarity": np.float64, "before": np.float64, "after": np.float64, "link": np.int64}
        self._columns = [np.ascontiguousarray(getattr(pulses, name), kind) for name, kind in kinds.items()]

    def of(self, device: Device) -> Callable[..., float]:
        """Return the same for a law whose numbers vary: (numbers, flat, CELL_FIELDS first; cells; read_sd) -> log-likelihood.

        Which numbers there are, and whether pulses scatter, is as in ``device``; nothing is checked.
        """
        run, columns = kernels(device, "follow").follow, self._columns

        def score(law: Floats, cells: Floats, read_sd: float, read_cv: float = 0.0, out: Floats = _NOTHING) -> float:
            return run(law, cells, *columns, read_cv, read_sd, out)

        return score

    def __call__(self, device: Device, cells: Floats, read_sd: float, read_cv: float = 0.0) -> float:
        """Return the log-likelihood.

        Parameters
        ----------
        cells : (4, devices) g_min, g_max, step_up, step_down of each measured device, S.
        read_sd, read_cv : noise of a reading, S, and relative to the conductance.
        """
        return self.of(device)(np.array(flat_parameters(device)), cells, read_sd, read_cv)

    def follow(self, device: Device, cells: Floats, read_sd: float) -> Floats:
        """Return (4, n): mean and variance of each reading as foreseen before it, and of the state once it is known."""
        out = np.empty((4, self.pulses.of.size))
        self.of(device)(np.array(flat_parameters(device)), cells, read_sd, out=out)
        return out
