"""A table of steps as a candidate beside the laws: it follows whatever steps there are, and takes many numbers for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.devices.table import TableStep
from insitu.errors import InputError
from insitu.measure.families import TABLE, Family, scale_of_scatter
from insitu.measure.pulses import Pulses
from insitu.measure.starting import extremes

_NODES, _A_NODE = 12, 20  #: of the table at most, and pulses of either polarity a node


def table_of(pulses: Pulses) -> Family | None:
    """Return the table of all pulses, of each device over its own range, as a family; None if a table cannot be made.

    Its means and deviations are held; their scale, that of the scatter, and the noise of readings are fitted.
    """
    nodes = min(_NODES, min(int((pulses.polarity == sign).sum()) for sign in (1, -1)) // _A_NODE)
    if nodes < 3:
        return None
    low, high = extremes(pulses)
    common = low.mean(), high.mean()

    def within(g: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return conductances of each device as those of one that has the mean range of all."""
        x = (g - low[pulses.of]) / (high - low)[pulses.of]
        return np.asarray(common[0] + x * (common[1] - common[0]))

    try:
        made = TableStep.from_pulses(within(pulses.before), within(pulses.after), pulses.polarity, nodes=nodes)
    except InputError:  # the steps of a node go the wrong way, or there are none
        return None
    held = {name: getattr(made, name) for name in ("up", "down", "up_sd", "down_sd")}
    return Family(TABLE, TableStep, scale_of_scatter, held, counted=4 * nodes)
