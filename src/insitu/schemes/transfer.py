"""Transfer: what training wrote into the least significant array moves into the more significant ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.closed_loop import ClosedLoop, usable_top
from insitu.arrays.crossbar import Crossbar
from insitu.errors import InputError, require_between, require_bools
from insitu.random import Stream, normal, offset, uniform
from insitu.schemes.moving import Effort, Moving

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights

Inversion = Literal["array", "rows"]
Places = tuple[NDArray[np.intp], NDArray[np.intp]]  #: rows and columns (n,) of listed weights


@dataclass(frozen=True, kw_only=True)
class Transfer(Moving):
    """When and how weights are carried to the more significant arrays, and saturated pairs are renewed.

    Parameters
    ----------
    every, refresh, groups : see :class:`insitu.schemes.moving.Moving`.
    closed_loop : how the more significant arrays are written, and pairs renewed.
    inversion : swap the polarity of the least significant array, of all rows at every transfer ("array") or of each row
        with ``probability`` ("rows"); None never. A step that is larger up than down then errs in both directions alike.
    probability : see ``inversion``.
    offset : weight by which the more significant part is written low, so that the least significant one has room upward.
    looks : reads of a weight, array by array, before a transfer or a refresh, whose mean says what is to be kept, and of what
        took pulses in a transfer, which says what it holds now.
    charge_cv : error of a charge, relative to the range of a cell; None is exact. The least significant cells are charged
        through their transmission gate to what the others miss. 0.01 (ours) is 0.7 steps of a converter of 6 bits
        or 1.3 of one of 7; the thermal noise of a charge, sqrt(kT C) / (C 1 V), is 0.0004 at 25 fF.
    pulses : whether what the others miss is written by blind pulses instead, for cells that cannot be charged.

    References
    ----------
    S. Ambrogio et al., Nature 558, 60 (2018), Extended Data Fig. 9: target = W - offset - zero point, at every 8,000
    images. Inversion: US patents 11,074,499 and 11,915,132. Row-wise random chopping: M. Rasch et al., Nat. Commun. 15
    (2024), s41467-024-51221-z.
    """

    every: int = 8000
    inversion: Inversion | None = "array"
    probability: float = 0.5
    offset: float = 0.033
    charge_cv: float | None = 0.01
    pulses: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("transfer.offset", self.offset, 0, 1e3, optional=False)
        require_between("transfer.probability", self.probability, 0, 1, optional=False)
        require_between("transfer.charge_cv", self.charge_cv, 0, 1)
        require_bools(self, ("pulses",), "transfer.")
        if self.inversion not in (None, "array", "rows"):
            raise InputError(f"transfer.inversion: got {self.inversion!r}; allowed is 'array', 'rows' or None")

    def move(self, weights: Weights, turn: int) -> None:
        """Carry one group of rows up, see :func:`transfer`."""
        transfer(weights, self, turn, self.rows(weights, turn))

    def consolidate(self, weights: Weights, turn: int) -> None:
        """Carry all rows up, without the offset, which the least significant cells would have to hold."""
        transfer(weights, replace(self, offset=0.0), turn, np.arange(weights.rows))

    def effort(self, transfers: int, above: int, parts: int) -> Effort:
        """Return what the array did: a closed loop takes at most all its rounds and pulses, and one more writes the weights
        before learning."""
        loop = self.closed_loop
        if above == parts - 1:
            return Effort(self.looks * transfers, 0, 1)
        return Effort((loop.iterations + 1 + self.looks) * (transfers + 1), transfers, loop.iterations * loop.burst)


def transfer(weights: Weights, how: Transfer, number: int, rows: NDArray[np.intp]) -> None:
    """Carry the weights of some rows from the least significant array to the others.

    W, as reads of its parts say, is kept in the periphery; the polarity is inverted, the least significant cells are charged
    to their middle, the others are tuned to ``W - zero - s offset`` (zero: what the charged cells amount to, s: the
    polarity), most significant first, and what is still missing goes back to the least significant cells. What took pulses
    is read again for that; what took none is what it was, so that noise of its reads is not written. Written blind, nothing
    is read again, and nothing but the offset is known to be missing.

    Parameters
    ----------
    number : of this transfer; its random numbers depend on it.
    """
    low = weights.array
    places = _places(weights, rows)
    *above, own = (level.look(*places, how.looks) for level in weights.levels)  # what is known from here on
    wanted = sum(above, start=low.chop[places[0]] * own)
    if how.inversion == "array":
        low.chop[rows] *= -1
    elif how.inversion == "rows":
        u = uniform(low.seed, Stream.CHOP + offset(low.index), low.rows, number)[rows]
        low.chop[rows[u < how.probability]] *= -1
    if not how.pulses:
        low.charge(rows)
        own = low.look(*places, how.looks)
    _load(weights, wanted, above, own, how, number, places)


def load_levels(weights: Weights, wanted: NDArray[np.float32], number: int) -> None:
    """Write weights (rows, columns) that the periphery holds into all levels; see :func:`transfer`."""
    how = weights.scheme.transfer
    if not isinstance(how, Transfer):
        how = Transfer(closed_loop=ClosedLoop(tolerance=None), inversion=None, charge_cv=None)
    rows = np.arange(weights.rows)
    places = _places(weights, rows)
    if not how.pulses:
        weights.array.charge(rows)
    unread = [None] * (len(weights.levels) - 1)
    _load(weights, wanted[places], unread, weights.array.part[places], how, number, places)


def _load(
    weights: Weights,
    wanted: NDArray[np.float32],
    above: Sequence[NDArray[np.float32] | None],
    own: NDArray[np.float32],
    how: Transfer,
    number: int,
    places: Places,
) -> None:
    """Write weights ``wanted`` (n,) at some places.

    Reads said ``above`` of their upper parts and ``own`` of the least significant one, which is charged to its middle if it
    can be.
    """
    low = weights.array
    sign = low.chop[places[0]]
    zero = 0.0 if how.pulses else own
    missing = wanted - sign * (zero + np.float32(how.offset))
    known = np.zeros_like(wanted)  # of the more significant parts: what reads of them say, no more
    for level, before in zip(weights.levels[:-1], above, strict=True):
        known += _tune(level, places, missing - known, before, how)
    weights.refresh()
    rest = sign * (wanted - known)  # what the least significant part has to be
    if how.pulses:
        low.give(*places, np.rint((rest - own) / weights.step))
    else:
        _charge(low, rest, rest - own, how, number, places)


def _tune(
    level: Crossbar, places: Places, goals: NDArray[np.float32], before: NDArray[np.float32] | None, how: Transfer
) -> NDArray[np.floating]:
    """Tune one of the more significant arrays to ``goals`` (n,), and return what is known of its parts afterwards."""
    rows, columns = places
    loop = how.closed_loop
    writes = level.writes[:, columns, rows]
    found = level.tune(rows, columns, goals, replace(loop, floor=how.offset))
    if loop.blind or loop.tolerance is None:
        return found
    if before is None:  # nothing was read, so all is now
        return level.look(rows, columns, how.looks)
    pulsed, known = (level.writes[:, columns, rows] != writes).any(axis=0), before.copy()
    known[pulsed] = level.look(rows[pulsed], columns[pulsed], how.looks)
    return known


def _places(weights: Weights, rows: NDArray[np.intp]) -> Places:
    """Return where the weights of some rows are that are not removed."""
    inside, columns = np.nonzero(weights.array.frozen[:, rows].T != 2)
    return rows[inside], columns


def refresh_pairs(array: Crossbar, how: Moving) -> None:
    """RESET the pairs of one-sided devices that are about to saturate, and write anew the difference that reads of them say.

    A pair is due when one device is above 3/4 and the other above 1/4 of what is usable (the rule of the PCM unit cell of
    aihwkit); without it, training on a pair comes to a stop (G. Burr et al., IEEE Trans. Electron Devices 62, 3498 (2015)).
    """
    span = usable_top(array.device) - array.device.g_min
    used = (array.g - array.device.g_min) / span
    columns, rows = np.nonzero((used.max(axis=0) > 0.75) & (used.min(axis=0) > 0.25) & (array.frozen != 2))
    array.tune(rows, columns, array.look(rows, columns, how.looks), replace(how.closed_loop, fresh=True))


def _charge(
    low: Crossbar,
    rest: NDArray[np.float32],
    shift: NDArray[np.float32],
    how: Transfer,
    number: int,
    places: Places,
) -> None:
    """Charge the cells at some places by ``shift`` (n,), to the part ``rest`` (n,); count them, and what does not fit."""
    from insitu.kernels.state import CHARGES, CLIPPED

    rows, columns = places
    moved, cells = low.map.signs != 0, np.s_[:, columns, rows]
    wanted = low.g[cells] + shift * _shares(low)[:, None]
    if low.device.one_sided:  # one device at g_min, the other above it by the whole part
        wanted = low.encoding.encode(rest, low.device).astype(np.float32)
    if how.charge_cv:
        z = normal(low.seed, Stream.CHARGE + offset(low.index), low.g.size, number).reshape(low.g.shape)[cells]
        span = low.device.g_max - low.device.g_min
        wanted = wanted + (how.charge_cv * span * z * moved[:, None]).astype(np.float32)
    bottom, top = np.broadcast_to(low.cell[:2], (2, *low.g.shape))[:, :, columns, rows]
    kept = np.clip(wanted, bottom, top)
    low.g[cells] = kept
    low.stick()
    low.refresh()
    low.counts[CHARGES] += int(moved.sum()) * len(rows)
    low.counts[CLIPPED] += int((np.abs(kept - wanted) > 1e-3 * (top - bottom)).any(axis=0).sum())


def _shares(array: Crossbar) -> NDArray[np.float32]:
    """Return by how much to move the conductance of each plane for a change of the part by 1 (planes,), S."""
    moved = array.map.signs != 0
    return np.asarray(np.sign(array.map.gains) * moved / np.abs(array.map.gains[moved]).sum(), np.float32)
