"""A crossbar of memory cells: its state as arrays, how it is read, and how pulses change it."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.budget import Budget
from insitu.cells import Encoding, SingleDevice
from insitu.devices.base import Device
from insitu.devices.fabricate import fabricate, lognormal
from insitu.errors import InputError, require_between, require_whole
from insitu.random import Stream, check_seed, normal, uniform

_NEVER = np.iinfo(np.uint32).max
# what training changes; the rest follows from the seed
_STATE = ("g", "writes", "weights", "base", "chop", "idle", "seen", "live", "n_live", "removed", "counts")


class Crossbar:
    """rows x columns weights, each held by the ``encoding.planes`` cells of its encoding.

    Parameters
    ----------
    device : how each cell answers a pulse.
    rows, columns : inputs and outputs.
    encoding : how conductances make a weight.
    seed, index : of the random numbers; ``index`` tells arrays of one network apart.
    budget : if given, a network that does not fit is refused with the arithmetic.
    stacked : whether other arrays hold more significant parts of the same weights (see insitu.arrays.stack).

    Attributes
    ----------
    g : (planes, columns, rows) float32 conductance, S. Stored column by column, as programming walks it.
    writes : (planes, columns, rows) uint32 pulses each cell has received.
    weights : (rows, columns) float32 effective weights, always current; treat as read-only.
    base, chop : of a stacked array, weights = base + chop * part: what the others add, (rows, columns), and the polarity
        with which the part of this array is read, (rows,) of +1 or -1.
    live : (columns, rows) int32, ``n_live`` (columns,): the rows of each column that still take pulses.
    removed : (rows, columns) the weights that are disconnected, and read as 0 whatever their cells do.
    counts : (len(COUNTS),) int64 events so far (see insitu.ledger).
    """

    def __init__(
        self,
        device: Device,
        rows: int,
        columns: int,
        *,
        encoding: Encoding | None = None,
        seed: int = 0,
        index: int = 0,
        budget: Budget | None = None,
        stacked: bool = False,
    ) -> None:
        self.encoding: Encoding = encoding if encoding is not None else SingleDevice()
        if not isinstance(device, Device):
            raise InputError(f"device: got {device!r}; allowed is a Device, such as devices.library.load(name).device")
        require_whole("rows", rows, 1)
        require_whole("columns", columns, 1)
        require_whole("index", index, 0)
        planes = self.encoding.planes
        if budget is not None:
            budget.require(rows, columns, planes)
        if planes * rows * columns >= 2**32:
            raise InputError(f"the array has {planes * rows * columns:,} cells; at most 2**32 - 1 can be addressed")
        self.device, self.rows, self.columns = device, rows, columns
        self.seed, self.index = check_seed(seed), index
        self.map = self.encoding.map(device)
        shape = (planes, columns, rows)
        self.cell = self._fabricate(shape)
        self.lifetime = self._lifetimes(shape)
        self.g = np.empty(shape, np.float32)
        self.writes = np.zeros(shape, np.uint32)
        self.weights = np.empty((rows, columns), np.float32)
        self.stacked = stacked
        self.base = np.zeros((rows, columns) if stacked else (1, 1), np.float32)
        self.chop = np.ones(rows, np.float32)
        drifts = shape if device.retention.nu is not None else (1, 1, 1)
        self.idle = np.zeros(drifts, np.float32)  # time since the last pulse, s, and the write count then
        self.seen = np.zeros(drifts, np.uint32)
        self.live = np.tile(np.arange(rows, dtype=np.int32), (columns, 1))
        self.n_live = np.full(columns, rows, np.int64)
        self.removed = np.zeros((rows, columns), bool)
        self.set_weights(np.zeros((rows, columns)))

    # -- making the cells ------------------------------------------------------------------------------------------

    def _draw(self, what: int, shape: tuple[int, ...], of: Any) -> NDArray[np.float64]:
        return of(self.seed, Stream.FABRICATE + 16 * self.index, int(np.prod(shape)), what).reshape(shape)

    def _fabricate(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return the (4, planes, columns, rows) parameters of each cell, or (4, 1, 1, 1) if all are equal."""
        if not self.device.spread.on:
            return fabricate(self.device, np.zeros((4, 1, 1, 1))).astype(np.float32)
        z = np.stack([self._draw(what, shape, normal) for what in range(4)])
        z[:, self.map.signs == 0] = z[:, self.map.signs == 0, :, :1]  # one reference serves all rows
        return fabricate(self.device, z).astype(np.float32)

    def _lifetimes(self, shape: tuple[int, ...]) -> NDArray[np.uint32]:
        """Return the writes each cell survives; a faulty cell survives none, and keeps the state its fault gives it."""
        if not self.device.mortal:
            return np.full((1, 1, 1), _NEVER, np.uint32)
        life = np.full(shape, float(_NEVER))
        if (median := self.device.endurance.writes) is not None:
            cv = self.device.endurance.writes_cv or 0.0
            factor = lognormal(cv, self._draw(4, shape, normal)) * np.sqrt(1 + cv**2)  # mean 1 -> median 1
            life = np.clip(np.ceil(median * factor), 1, _NEVER)
        life[self._fault < 3] = 0
        return life.astype(np.uint32)

    @cached_property
    def _fault(self) -> NDArray[np.int64]:
        """(planes, columns, rows): 0 dead, 1 stuck low, 2 stuck high, 3 sound."""
        faults = self.device.faults
        edges = np.cumsum([faults.dead or 0.0, faults.stuck_low or 0.0, faults.stuck_high or 0.0])
        u = self._draw(5, (self.encoding.planes, self.columns, self.rows), uniform)
        u[self.map.signs == 0] = u[self.map.signs == 0, :, :1]
        return np.searchsorted(edges, u, side="right")

    def set_weights(self, weights: NDArray[np.floating]) -> None:
        """Put the array in the state that holds these weights, as it leaves the factory: no pulse is counted.

        Parameters
        ----------
        weights : (rows, columns), clipped to the encoding's range; each cell further to its own range, and faulty cells
            stay as they are.
        """
        weights = np.asarray(weights, float)
        if weights.shape != (self.rows, self.columns) or not np.isfinite(weights).all():
            raise InputError(f"weights: got shape {weights.shape}; allowed is {(self.rows, self.columns)}, all finite")
        self.g[:] = np.clip(self.encoding.encode(weights.T, self.device).astype(np.float32), self.cell[0], self.cell[1])
        self.stick()
        self.refresh()

    def charge(self, rows: NDArray[np.intp] | slice = slice(None)) -> None:
        """Put the cells of some rows where a weight of 0 has them, at this point of *their own* range.

        As if all capacitors were set to one voltage: a cell whose range is not the nominal one starts from a weight that
        is not 0. No pulse is counted.
        """
        low, high = self.cell[0], self.cell[1]
        nominal = self.encoding.encode(np.zeros((1, 1)), self.device)
        place = ((nominal - self.device.g_min) / (self.device.g_max - self.device.g_min)).astype(np.float32)
        self.g[:, :, rows] = np.broadcast_to(low + place * (high - low), self.g.shape)[:, :, rows]
        self.stick()
        self.refresh()

    def stick(self) -> None:
        """Put faulty cells back in the state that their fault gives them."""
        where, state = self._faulty
        self.g.ravel()[where] = state

    @cached_property
    def _faulty(self) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """The faulty cells, as places in ``g``, and their conductances, S."""
        if not any(vars(self.device.faults).values()):
            return np.empty(0, np.intp), np.empty(0, np.float32)
        low, high = (np.broadcast_to(bound, self.g.shape).ravel() for bound in self.cell[:2])
        fault = self._fault.ravel()
        where = np.flatnonzero(fault < 3)
        return where, np.choose(fault[where], (np.zeros(where.size, np.float32), low[where], high[where]))

    @property
    def part(self) -> NDArray[np.float32]:
        """(rows, columns): the weights that the cells of this array alone hold, from their conductances."""
        gains, _, offset = self.map
        if self.encoding.digital:
            middle = (self.device.g_min + self.device.g_max) / 2
            levels = gains * (self.device.g_max - self.device.g_min)
            return (np.tensordot(levels, self.g > middle, 1) + offset).T.astype(np.float32)
        return (np.tensordot(gains, self.g, 1) + offset).T.astype(np.float32)

    def refresh(self) -> None:
        """Recompute the effective weights from the conductances."""
        self.weights[:] = self.base + self.chop[:, None] * self.part if self.stacked else self.part
        self.weights[self.removed] = 0.0

    # -- what kernels see ------------------------------------------------------------------------------------------

    @cached_property
    def kernels(self) -> Any:
        """The compiled programming kernels of this device and encoding."""
        return self.compiled("bits" if self.encoding.digital else "column")

    def compiled(self, template: str) -> Any:
        """Return the compiled kernels of one template of insitu.kernels for the device of this array."""
        from insitu.kernels import fuse

        return fuse.kernels(self.device, template, stacked=self.stacked)

    @cached_property
    def state(self) -> Any:
        """The kernels' view of this array: shared memory, not a copy."""
        from insitu.kernels.fuse import flat_parameters
        from insitu.kernels.state import ArrayState

        law = np.array(flat_parameters(self.device))
        if not (self.device.spread.on or self.encoding.digital):
            law[:2] = self.cell[:2, 0, 0, 0]  # single precision, as g is: a law never sees a state outside its range
        return ArrayState(
            g=self.g,
            writes=self.writes,
            cell=self.cell,
            lifetime=self.lifetime,
            weights=self.weights,
            live=self.live,
            n_live=self.n_live,
            law=law,
            gains=self.map.gains,
            signs=self.map.signs,
            base=self.base,
            chop=self.chop,
            offset=float(self.map.offset),
            key=np.uint64(self.seed),
            streams=np.uint64(16 * self.index),
        )

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Events so far, in the order of insitu.kernels.state.COUNTS."""
        from insitu.kernels.state import COUNTS

        return np.zeros(len(COUNTS), np.int64)

    # -- reading ---------------------------------------------------------------------------------------------------

    def _driven(self, name: str, given: NDArray[np.floating], lines: int, outputs: int) -> NDArray[np.float32]:
        """Return the checked (batch, lines) inputs of a read, and count it."""
        from insitu.kernels.state import CONVERSIONS, PRODUCTS, READS, ROW_DRIVES

        inputs = np.atleast_2d(np.asarray(given, np.float32))
        if inputs.ndim != 2 or inputs.shape[1] != lines:
            raise InputError(f"{name}: got shape {np.shape(given)}; allowed is (batch, {lines})")
        driven = int(np.count_nonzero(inputs))
        self.counts[READS] += driven * outputs * self.encoding.planes
        self.counts[ROW_DRIVES] += driven
        self.counts[CONVERSIONS] += inputs.shape[0] * outputs
        self.counts[PRODUCTS] += inputs.shape[0]
        return inputs

    def read(self, x: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return x @ weights: rows driven with x (batch, rows), currents of the columns (batch, columns)."""
        return np.asarray(self._driven("x", x, self.rows, self.columns) @ self.weights, np.float32)

    def read_transposed(self, delta: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return delta @ weights.T: columns driven with delta (batch, columns), currents of the rows (batch, rows)."""
        return np.asarray(self._driven("delta", delta, self.columns, self.rows) @ self.weights.T, np.float32)

    # -- programming -----------------------------------------------------------------------------------------------

    def pulse(self, polarity: NDArray[np.integer]) -> None:
        """Give each weight one pulse, open loop.

        Parameters
        ----------
        polarity : (rows, columns) of +1 (raise), -1 (lower) or 0 (no pulse). Frozen weights take none.
        """
        polarity = np.asarray(polarity)
        if polarity.shape != (self.rows, self.columns) or not np.isin(polarity, (-1, 0, 1)).all():
            raise InputError(f"polarity: must hold -1, 0 or 1 and have shape {(self.rows, self.columns)}")
        if self.encoding.digital:
            raise InputError("pulse: bit slices take codes, not pulses; use write_verify or a learning rule")
        columns, rows = np.nonzero((polarity.T != 0) & self.live_mask.T)
        self.kernels.pulse_weights(self.state, rows, columns, polarity[rows, columns].astype(np.int64), self.counts)

    def write_verify(self, mask: NDArray[np.bool_], target: float, *, tolerance: float, limit: int = 1000) -> int:
        """Tune the live weights in ``mask`` (rows, columns) to ``target``, closed loop; return how many missed it.

        Parameters
        ----------
        tolerance : largest |weight - target| that the verify accepts, in units of weight; a digital array takes the
            nearest code instead.
        limit : most pulses a weight, in a digital array most writes of a code.
        """
        require_between("target", target, optional=False)
        require_between("tolerance", tolerance, 0, optional=False)
        require_whole("limit", limit, 0)
        columns, rows = np.nonzero(self._mask(mask).T & self.live_mask.T)
        targets = np.full(rows.size, float(target))
        return int(
            self.kernels.tune_weights(self.state, rows, columns, targets, float(tolerance), int(limit), self.counts)
        )

    def _mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        mask = np.asarray(mask)
        if mask.shape != (self.rows, self.columns) or mask.dtype != bool:
            raise InputError(f"mask: must hold True or False and have shape {(self.rows, self.columns)}")
        return mask

    @property
    def live_mask(self) -> NDArray[np.bool_]:
        """(rows, columns): which weights still take pulses."""
        return self.live_in(np.arange(self.columns))

    def live_in(self, columns: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return :attr:`live_mask` of some columns (c,) only: (rows, c)."""
        mask = np.zeros((columns.size, self.rows), bool)
        for place, column in enumerate(columns):
            mask[place, self.live[column, : self.n_live[column]]] = True
        return mask.T

    def freeze(self, mask: NDArray[np.bool_]) -> None:
        """Exclude the weights in ``mask`` (rows, columns) from all pulses, for ever.

        :meth:`pulse`, :meth:`write_verify` and rules that program column by column keep to it; what programs a whole array
        at once refuses an array with frozen weights, see :meth:`require_all_live`.
        """
        columns = np.flatnonzero(self._mask(mask).any(axis=0))  # few at a time: a neuron matures now and then
        remain = (self.live_in(columns) & ~mask[:, columns]).T
        # stable sort of "not live" keeps the live rows first and in order
        self.live[columns] = np.argsort(~remain, axis=1, kind="stable")
        self.n_live[columns] = remain.sum(axis=1)

    def remove(self, mask: NDArray[np.bool_]) -> None:
        """Disconnect the weights in ``mask`` (rows, columns): they read as exactly 0 and take no pulse, for ever."""
        self.freeze(mask)
        self.removed |= mask
        self.weights[mask] = 0.0

    def require_all_live(self) -> None:
        """Raise InputError if there are frozen weights, for what would pulse them all the same."""
        frozen = self.rows * self.columns - int(self.n_live.sum())
        if frozen:
            raise InputError(
                f"freeze: {frozen} weights of this array are frozen, which outer products and targets do not keep to; "
                "train it column by column, as the spiking network does, or do not freeze"
            )

    # -- saving ----------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that training changed, for a checkpoint."""
        return {name: getattr(self, name).copy() for name in _STATE}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into an array made with the same parameters and seed."""
        for name in _STATE:
            mine, saved = getattr(self, name), arrays.get(name)
            if saved is None or saved.shape != mine.shape or saved.dtype != mine.dtype:
                raise InputError(f"restore: '{name}' is missing or not of this array of {self.rows} x {self.columns}")
            mine[:] = saved

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy what the array was made of, and what training changed."""
        made_of: dict[str, Any] = {"encoding": self.encoding, "seed": self.seed, "index": self.index}
        made_of["stacked"] = self.stacked
        return partial(Crossbar, self.device, self.rows, self.columns, **made_of), (), self.arrays()

    __setstate__ = restore
