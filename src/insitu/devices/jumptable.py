"""The jump-table: the whole distribution of a step at each conductance, straight from measured pulses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from insitu.devices.base import Device, Draw
from insitu.devices.table import binned_steps
from insitu.errors import InputError, require_between, require_whole


@dataclass(frozen=True, kw_only=True)
class JumpTable(Device):
    """A step is drawn from its measured distribution by inversion: a table of quantiles over the range.

    With ``x = (g - g_min) / (g_max - g_min)``, z uniform in (0, 1), the quantile function q(x, z), linear between its
    entries in both, and its mean m(x)

    ``up: g + step_up (m_up + c2c_cv (q_up - m_up))``, ``down: g - step_down (m_down + c2c_cv (q_down - m_down))``.

    c2c_cv = 1 is the cell as measured, None its mean step without noise.

    Parameters
    ----------
    nodes : n, the number of equally spaced conductances from g_min to g_max, at least 2.
    up, down : (n q) quantiles in units of step_up and step_down, the q of the first conductance first; at each
        conductance they belong to the probabilities 0, 1 / (q - 1), ..., 1, never fall, and have a mean of at least 0.

    ``up_mean`` and ``down_mean``, (n,), follow from the quantiles and cannot be given.

    References
    ----------
    S. Sidler et al., "Large-scale neural networks implemented with non-volatile memory as the synaptic weight element:
    impact of conductance response", ESSDERC (2016).
    """

    nodes: int
    up: tuple[float, ...]
    down: tuple[float, ...]
    up_mean: tuple[float, ...] = field(init=False, default=())
    down_mean: tuple[float, ...] = field(init=False, default=())

    draw: ClassVar[Draw] = "uniform"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole("nodes", self.nodes, 2, 256)
        for name in ("up", "down"):
            table = getattr(self, name)
            if not isinstance(table, tuple | list) or len(table) % self.nodes or len(table) < 2 * self.nodes:
                raise InputError(
                    f"{name}: allowed is a tuple of numbers, at least 2 quantiles at each of the {self.nodes} nodes"
                )
            for i, value in enumerate(table):
                require_between(f"{name}[{i}]", value, -1e6, 1e6)
            quantiles = np.reshape(table, (self.nodes, -1))
            mean = _mean(quantiles)
            if (np.diff(quantiles) < 0).any() or (mean < -1e-9 * np.abs(quantiles).max()).any():
                raise InputError(f"{name}: the quantiles of a node must not fall, nor have a mean below 0")
            object.__setattr__(self, name, tuple(map(float, table)))
            object.__setattr__(self, f"{name}_mean", tuple(mean.clip(0).tolist()))

    @staticmethod
    def step(g: float, polarity: int, p: Any, z: float) -> float:
        """Return the conductance after one pulse, S."""
        table = p.up if polarity > 0 else p.down
        means = p.up_mean if polarity > 0 else p.down_mean
        last = len(means) - 1
        wide = len(table) // len(means)
        u = max((g - p.g_min) / (p.g_max - p.g_min), 0.0) * last
        i = min(int(u), last - 1)
        right = u - i
        left = 1.0 - right
        v = z * (wide - 1)
        k = min(int(v), wide - 2)
        above = v - k
        below = 1.0 - above
        a = i * wide + k
        b = a + wide
        mean = left * means[i] + right * means[i + 1]
        jump = left * (below * table[a] + above * table[a + 1]) + right * (below * table[b] + above * table[b + 1])
        size = p.step_up if polarity > 0 else -p.step_down
        change: float = size * (mean + p.c2c_cv * (jump - mean))
        return g + change

    @classmethod
    def from_pulses(
        cls,
        g_before: ArrayLike,
        g_after: ArrayLike,
        polarity: ArrayLike,
        *,
        nodes: int = 16,
        quantiles: int = 17,
        **fields: Any,
    ) -> JumpTable:
        """Build the table from measured pulses by the quantiles of their steps in bins of conductance.

        Parameters, binning and errors are those of :meth:`insitu.devices.table.TableStep.from_pulses`. The outermost
        quantiles are not the extremes, which grow with the number of pulses, but are placed so that the outermost pulses
        keep their mean. Each bin keeps the mean of its steps exactly.

        Parameters
        ----------
        quantiles : q, entries of the distribution at each conductance, from 3 to 256.
        """
        require_whole("quantiles", quantiles, 3, 256)
        values, grid, steps = binned_steps(g_before, g_after, polarity, nodes, fields)
        levels = np.linspace(0, 1, quantiles)
        for name, (where, bins) in steps.items():
            known = np.array([np.quantile(step, levels) for step in bins])
            known[:, 0] = [2 * s[s <= q].mean() - q for s, q in zip(bins, known[:, 1], strict=True)]
            known[:, -1] = [2 * s[s >= q].mean() - q for s, q in zip(bins, known[:, -2], strict=True)]
            known += (np.array([step.mean() for step in bins]).clip(0) - _mean(known))[:, None]
            table = np.stack([np.interp(grid, where, column) for column in known.T], axis=1)
            scale = float(_mean(table).mean())
            values |= {f"step_{name}": scale, name: tuple((table / scale).ravel().tolist())}
        return cls(nodes=nodes, **values)


def _mean(quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of the distribution that runs linearly between quantiles (..., q) at equal steps of probability."""
    return np.asarray((quantiles[..., 1:] + quantiles[..., :-1]).mean(axis=-1)) / 2
