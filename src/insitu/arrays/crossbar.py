"""A crossbar of memory cells: its state as arrays, and how pulses change it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.budget import Budget, require_size
from insitu.arrays.cells import SOUND, drawn, fault_kinds, jumping, lifetimes, origin_of, parameters
from insitu.arrays.closed_loop import ClosedLoop, usable_top
from insitu.arrays.growing import beyond_measured, growth_of
from insitu.arrays.view import state_of
from insitu.arrays.wired import follow
from insitu.cells import Encoding, SingleDevice
from insitu.cells.fitting import check_fit
from insitu.chip.chip import Wires
from insitu.devices.base import Device
from insitu.devices.compiled import kernels
from insitu.errors import InputError, require_between, require_whole
from insitu.kernels.cache import load
from insitu.random import Stream, check_seed, normal, offset

# what training changes; the rest follows from the seed
_STATE = ("g", "writes", "weights", "base", "chop", "idle", "seen", "live", "n_live", "frozen", "counts", "loops")
# and how reads see it, where wires are not ideal
_WIRED = ("reach", "stray", "amplified", "looked", "solved", "solutions", "wire_error")


class Crossbar:
    """rows x columns weights, each held by the ``encoding.planes`` cells of its encoding.

    Parameters
    ----------
    device : how each cell answers a pulse.
    rows, columns : inputs and outputs.
    encoding : how conductances make a weight.
    seed, index : of the random numbers; ``index`` tells arrays of one network apart.
    budget : if given, a network that does not fit is refused with the arithmetic.
    stacked : whether other arrays hold more significant parts of the same weights (see insitu.schemes.weights).
    noisy : whether the weights have other parts whose reads are noisy; None follows from the device.
    wires : through which cells are read, and how large a tile is; None are ideal ones.

    Attributes
    ----------
    g : (planes, columns, rows) float32 conductance, S. Stored column by column, as programming walks it.
    writes : (planes, columns, rows) uint32 pulses each cell has received.
    weights : (rows, columns) float32 effective weights, always current; treat as read-only.
    base, chop : of a stacked array, weights = base + chop * part: what the others add, (rows, columns), and the polarity
        with which the part of this array is read, (rows,) of +1 or -1.
    live : (columns, rows) int32, ``n_live`` (columns,): the rows of each column that still take pulses.
    frozen : (columns, rows) uint8 which weights training no longer pulses (1), and which are disconnected, and read as 0
        whatever their cells do (2).
    variance : (rows, columns) float32 what one read of each weight at an input of 1 adds to the variance of a sum; (1, 1)
        where that does not depend on the cell.
    reach, stray : (planes, columns, rows) float32 what wires do to each cell, see :mod:`insitu.arrays.wired`; ``solved``
        the conductances for which the circuit of its tile was last solved, ``looked`` those for which reach was last
        computed, ``solutions`` how often a tile was solved, and
        ``wire_error`` the largest error of a weight that had built up until then, as a fraction of its range.
    connected : whether cells are behind their wires now, else behind ideal ones, see :func:`insitu.arrays.wired.connect`.
    origin : () uint64 that tells these cells from others.
    counts : (len(COUNTS),) int64 events so far (see insitu.ledger). loops : closed loops so far, and ``beyond``
        which amplitudes they may reach that were not measured, a sentence.
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
        noisy: bool | None = None,
        wires: Wires | None = None,
    ) -> None:
        self.encoding: Encoding = encoding if encoding is not None else SingleDevice()
        if not isinstance(device, Device):
            raise InputError(f"device: got {device!r}; allowed is a Device, such as devices.library.load(name).device")
        require_whole("index", index, 0)
        check_fit(device, self.encoding)
        planes = self.encoding.planes
        require_size(rows, columns, planes, budget)
        self.device, self.rows, self.columns = device, rows, columns
        self.seed, self.index = check_seed(seed), index
        self.origin = origin_of(device, self.encoding, self.seed, index)
        self.map = self.encoding.map(device)
        self.shared = (self.map.signs == 0) & (getattr(self.encoding, "reference", "cell") == "cell")
        self.noisy = self.varies if noisy is None else noisy
        shape = (planes, columns, rows)
        self._draw = drawn(self.seed, index, shape)
        self.cell = parameters(device, self.shared, self._draw)
        self.lifetime = lifetimes(device, lambda: self._fault, self._draw)
        self.g = np.empty(shape, np.float32)
        self.writes = np.zeros(shape, np.uint32)
        self.weights = np.empty((rows, columns), np.float32)
        self.stacked, self.wires = stacked, wires
        wired = shape if wires is not None else (0, 0, 0)
        self.reach = np.ones(wired, np.float32)
        self.amplified = np.ones(wired if wires is not None and wires.column_gain else (0, 0, 0), np.float32)
        self.stray, self.looked, self.solved = np.zeros((3, *wired), np.float32)
        self.solutions, self.wire_error = np.zeros((), np.int64), np.zeros(())
        self.kept: tuple[NDArray[np.float32], ...] | None = None  # conductances, their reach and stray, and the gains
        self.connected = wires is not None and not wires.after_learning
        self.base, self.base_variance = np.zeros((2, *((rows, columns) if stacked else (0, 0))), np.float32)
        self.variance = np.zeros((rows, columns) if self.noisy else (1, 1), np.float32)
        if not self.noisy:
            self.variance[:] = self.uniform_variance
        self.jumps = jumping(device, self.shared, self._draw)
        self.chop = np.ones(rows, np.float32)
        drifts = shape if device.retention.nu is not None else (1, 1, 1)
        self.idle = np.zeros(drifts, np.float32)  # time since the last pulse, s, and the write count then
        self.seen = np.zeros(drifts, np.uint32)
        self.live = np.tile(np.arange(rows, dtype=np.int32), (columns, 1))
        self.n_live = np.full(columns, rows, np.int64)
        self.frozen = np.zeros((columns, rows), np.uint8)
        self.loops = np.zeros((), np.int64)
        self.beyond: str | None = None
        self.set_weights(np.zeros((rows, columns)))

    # -- what the cells are ------------------------------------------------------------------------------------------

    @cached_property
    def _fault(self) -> NDArray[np.int64]:
        """(planes, columns, rows): which of the kinds of :func:`insitu.arrays.cells.fault_kinds`."""
        return fault_kinds(self.device, self.shared, self._draw)

    @property
    def varies(self) -> bool:
        """Whether the noise of a read depends on the cell."""
        noise, telegraph = self.device.read_noise, self.device.telegraph
        bits = self.encoding.digital and noise.on
        return bool(noise.cv or (telegraph.fraction and telegraph.jump) or bits)

    @property
    def uniform_variance(self) -> float:
        """What a read adds to the variance where that is the same for all cells."""
        return float(np.square(self.map.gains * (self.device.read_noise.sd or 0.0)).sum())

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
        follow(self)
        self.wire_error[...] = 0.0  # so far nothing has relied on an estimate
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
        if not self.device.faults.total:
            return np.empty(0, np.intp), np.empty(0, np.float32)
        low, high = (np.broadcast_to(bound, self.g.shape).ravel() for bound in self.cell[:2])
        fault = self._fault.ravel()
        where = np.flatnonzero(fault < SOUND)
        return where, np.choose(fault[where], (np.zeros(where.size, np.float32), low[where], high[where]))

    @property
    def part(self) -> NDArray[np.float32]:
        """(rows, columns): the weights that the cells of this array alone hold, from their conductances."""
        gains, _, offset = self.map
        seen = self.reach * self.g + self.stray if self.wires is not None else self.g
        if self.encoding.digital:
            middle = (self.device.g_min + self.device.g_max) / 2
            levels = gains * (self.device.g_max - self.device.g_min)
            return (np.tensordot(levels, seen > middle, 1) + offset).T.astype(np.float32)
        return (np.tensordot(gains, seen, 1) + offset).T.astype(np.float32)

    def refresh(self, rows: slice = slice(None), columns: slice = slice(None)) -> None:
        """Recompute the effective weights, and what their reads scatter, from the conductances; of a part, if given."""
        of = (*rows.indices(self.rows)[:2], *columns.indices(self.columns)[:2])
        load("aging", "aging").refresh(self.address, *of)

    # -- what kernels see ------------------------------------------------------------------------------------------

    def entry_point(self, name: str, exactly: bool = False) -> Any:
        """Return the compiled ``overlap``, ``give`` or ``tune`` of this device and encoding, or ``program`` of codes of bits.

        ``exactly``: whether a closed loop ends where it should, as on an ideal array; a code of bits does anyway.
        """
        if name == "tune" and (self.by_law or (exactly and not self.encoding.digital)):
            return load("targets", "write and verify").by_law
        return getattr(kernels(self.device, name, self.encoding.digital), name)

    def compiled(self, uses: Sequence[str], exactly: bool = False) -> Any:
        """Return the array as the kernels of schemes take it, with the entry points that they use; the others do nothing."""
        from insitu.kernels import state

        types = {
            "program": state.PROGRAM_TYPE,
            "overlap": state.OVERLAP_TYPE,
            "give": state.GIVE_TYPE,
            "tune": state.TUNE_TYPE,
        }
        idle, nothing = load("idle", "entry points"), "overlap" if self.encoding.digital else "program"
        uses = [name for name in uses if name != nothing]  # codes have no coincidences, cells no codes
        functions = {name: self.entry_point(name, exactly) if name in uses else getattr(idle, name) for name in types}
        return state.Array(self.address, **{name: state.Pointer(of, types[name]) for name, of in functions.items()})

    @property
    def by_law(self) -> bool:
        """Whether a closed loop is a statistical law of the device, not carried out pulse by pulse."""
        return self.device.programming.error_sd is not None and not self.encoding.digital

    @cached_property
    def state(self) -> Any:
        """The kernels' view of this array: shared memory, not a copy."""
        return state_of(self)

    @cached_property
    def _placed(self) -> Any:
        from insitu.kernels.memory import Placed

        return Placed(self.state)

    @property
    def address(self) -> Any:
        """Where the kernels find the state of this array, as long as the array is kept."""
        return self._placed.address

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Events so far, in the order of insitu.kernels.state.COUNTS."""
        from insitu.kernels.state import COUNTS

        return np.zeros(len(COUNTS), np.int64)

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
        columns, rows = np.nonzero((polarity.T != 0) & self.live_mask.T)
        self.give(rows, columns, polarity[rows, columns])

    def give(
        self, rows: NDArray[np.integer], columns: NDArray[np.integer], pulses: NDArray[np.integer], only: int = 0
    ) -> None:
        """Give listed weights (n,) signed numbers of pulses; for bits, move their code by as many steps.

        Parameters
        ----------
        only : 1 sends the pulses that raise a cell alone, -1 those that lower one; 0 both. Of a pair that is to rise the
            first raises one device, the second lowers the other.

        Raises
        ------
        InputError : half of the changed bits of a code is asked for.
        """
        if only not in (-1, 0, 1) or (only and self.encoding.digital):
            raise InputError(f"only: got {only!r}; allowed is -1, 0 or 1, and 0 alone for bits")
        lists = (np.ascontiguousarray(values, np.int64) for values in (rows, columns, pulses))
        self.entry_point("give")(self.address, *lists, only, self.counts)

    def tune(
        self, rows: NDArray[np.integer], columns: NDArray[np.integer], targets: NDArray[np.floating], how: ClosedLoop
    ) -> NDArray[np.float64]:
        """Tune the part of listed weights (n,) that this array holds to targets (n,), closed loop.

        Returns
        -------
        (n,) what the last verify of each has read. Warns, once, where pulses may grow beyond the amplitudes measured.
        """
        known, loop, found = self.beyond, self.loop(how, int(self.loops)), np.empty(len(rows))
        if self.beyond != known:
            warnings.warn(str(self.beyond), stacklevel=2)
        lists = (np.ascontiguousarray(values, np.int64) for values in (rows, columns))
        goals = np.ascontiguousarray(targets, np.float64)
        tune = self.entry_point("tune", how.tolerance is None)
        tune(self.address, *lists, goals, loop, self.counts, found)
        self.loops += 1
        return found

    def look(self, rows: NDArray[np.integer], columns: NDArray[np.integer], times: int) -> NDArray[np.float32]:
        """Read the part of listed weights (n,) that this array holds so many times, and return the mean of each (n,)."""
        from insitu.kernels.state import CONVERSIONS, READS, VERIFY_CONVERSIONS, VERIFY_READS

        looks = times * len(rows)
        seen: NDArray[np.float32] = self.part[rows, columns]
        variance = self.variance[rows, columns] if self.noisy else self.uniform_variance
        if self.noisy and self.stacked:  # not that of the arrays above
            variance = variance - self.base_variance[rows, columns]
        if np.any(variance):
            stream = Stream.RESIDUAL + offset(self.index)
            z = normal(self.seed, stream, self.rows * self.columns, int(self.loops)).reshape(self.rows, -1)
            seen = seen + (np.sqrt(variance / times) * z[rows, columns]).astype(np.float32)
            self.loops += 1
        self.counts[[READS, VERIFY_READS]] += looks * self.encoding.planes
        self.counts[[CONVERSIONS, VERIFY_CONVERSIONS]] += looks
        return seen

    def loop(self, how: ClosedLoop, number: int) -> Any:
        """Return a closed loop as kernels take it; ``number`` is the time of the noise of its reads."""
        from insitu.kernels.state import Loop

        self.beyond = beyond_measured(how.growth, how.max_volts, how.iterations, self.device) or self.beyond
        law = self.device.programming
        return Loop(
            tolerance=how.tolerance_of(self.encoding),
            iterations=how.iterations,
            burst=10_000 if how.blind else how.burst,
            top=usable_top(self.device),
            floor=how.floor,
            blind=int(how.blind),
            fresh=int(how.fresh),
            error_sd=0.0 if how.tolerance is None else law.error_sd or 0.0,
            tries=law.tries or 1,
            **growth_of(how.growth, how.max_volts, self.device, self.encoding),
            number=number,
        )

    def write_verify(self, mask: NDArray[np.bool_], target: float, loop: ClosedLoop | None = None) -> int:
        """Tune the live weights in ``mask`` (rows, columns) to ``target``, closed loop; return how many missed it."""
        from insitu.kernels.state import MISSED

        require_between("target", target, optional=False)
        columns, rows = np.nonzero(self.mask(mask).T & self.live_mask.T)
        before = int(self.counts[MISSED])
        self.tune(rows, columns, np.full(rows.size, float(target)), loop or ClosedLoop())
        return int(self.counts[MISSED]) - before

    def mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which weights are meant, (rows, columns) of True and False; InputError if it is something else."""
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
        """Exclude the weights in ``mask`` (rows, columns) from all pulses of training, for ever.

        A transfer between significances still rewrites them: a leaking cell holds nothing otherwise.
        """
        mask = self.mask(mask)
        columns = np.flatnonzero(mask.any(axis=0))  # few at a time: a neuron matures now and then
        remain = (self.live_in(columns) & ~mask[:, columns]).T
        # stable sort of "not live" keeps the live rows first and in order
        self.live[columns] = np.argsort(~remain, axis=1, kind="stable")
        self.n_live[columns] = remain.sum(axis=1)
        self.frozen[mask.T & (self.frozen == 0)] = 1

    def remove(self, mask: NDArray[np.bool_]) -> None:
        """Disconnect the weights in ``mask`` (rows, columns): they read as exactly 0 and take no pulse, for ever."""
        mask = self.mask(mask)
        self.freeze(mask)
        self.frozen[mask.T] = 2
        self.refresh()

    # -- saving ----------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that training changed, for a checkpoint."""
        return {name: getattr(self, name).copy() for name in ("origin", *_STATE, *(_WIRED if self.connected else ()))}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into an array made with the same parameters and seed."""
        if arrays.get("origin", self.origin) != self.origin:  # an older insitu did not say
            raise InputError(
                "restore: what is to be restored was saved of other cells; allowed is what arrays() of the same device, "
                "encoding, seed and index has returned, of which the noise of reads alone may differ"
            )
        known = self.connected and "reach" in arrays
        for name in (*_STATE, *(_WIRED if known else ())):
            mine, saved = getattr(self, name), arrays.get(name)
            if saved is None or saved.shape != mine.shape or saved.dtype != mine.dtype:
                raise InputError(f"restore: '{name}' is missing or not of this array of {self.rows} x {self.columns}")
            mine[...] = saved
        if not known:  # they may have learned behind ideal wires
            follow(self)
        if self.noisy:
            weights = self.weights.copy()  # as numbers they may be finer than their cells
            self.refresh()
            self.weights[:] = weights

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy what the array was made of, and what training changed."""
        made_of: dict[str, Any] = {"encoding": self.encoding, "seed": self.seed, "index": self.index}
        made_of |= {"stacked": self.stacked, "noisy": self.noisy, "wires": self.wires}
        return partial(Crossbar, self.device, self.rows, self.columns, **made_of), (), self.arrays()

    __setstate__ = restore
