"""The one object that networks hold: the weights of a layer, with a chip in front and a scheme behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.aging import age
from insitu.arrays.budget import Budget
from insitu.arrays.closed_loop import ClosedLoop
from insitu.arrays.crossbar import Crossbar
from insitu.arrays.disturbing import disturb
from insitu.arrays.wired import connect, disconnect, follow
from insitu.arraytypes import Floats
from insitu.cells import Encoding, MultiConductance
from insitu.cells.fitting import check_fit
from insitu.cells.levels import default_encoding, levels_of
from insitu.cells.steps import mean_steps
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_bool, require_kind, require_whole
from insitu.kernels.cache import load
from insitu.kernels.lost import raise_lost
from insitu.schemes.base import Form, Scheme
from insitu.schemes.effect import check_scheme
from insitu.schemes.given import matrix
from insitu.schemes.reads import ReadWeights
from insitu.schemes.transfer import load_levels

_STATE = ("memory", "updates", "heard", "drive", "ranges", "sums")


class Weights(ReadWeights):
    """rows x columns weights: they are read, asked for changes, pulsed, frozen, aged and saved.

    Parameters
    ----------
    device : of the cells; parts of a :class:`insitu.cells.MultiConductance` may name their own.
    rows, columns : inputs (the bias line among them) and outputs.
    scheme : how wanted changes reach the devices.
    form : in which form the network asks for changes; what the scheme does not take in this form is refused.
    encoding : how devices make a weight; None is a pair, of one-sided devices where the device only rises.
    chip : what lies between the weights and the signals. Networks say when an example has passed; who holds weights by hand
        calls ``age`` for what time does, ``look`` for what reads do, and ``adjust`` for a range that the ADC learns.
    bias : whether the last row is driven with 1 in every read; it is not among the inputs then.
    seed, index : of the random numbers; ``index`` tells the layers of one network apart.
    budget : if given, weights that do not fit are refused with the arithmetic.

    Attributes
    ----------
    memory : (kept, rows, columns) float32 what the scheme keeps in digital memory.
    updates : changes that were asked for so far. levels, fast, heard, drive : see CountedArrays.
    """

    def __init__(
        self,
        device: Device | None,
        rows: int,
        columns: int,
        scheme: Scheme,
        *,
        form: Form,
        encoding: Encoding | MultiConductance | None = None,
        chip: Chip | None = None,
        bias: bool = False,
        seed: int = 0,
        index: int = 0,
        budget: Budget | None = None,
    ) -> None:
        if device is None and isinstance(encoding, MultiConductance):
            device = encoding.parts[-1].device
        require_kind("device", device, Device, "for example insitu.load('shi2018-cbram')")
        assert device is not None
        require_kind("scheme", scheme, Scheme, "for example BlindPulses()")
        require_bool("bias", bias)
        require_whole("index", index, 0, 100_000_000)
        self.chip = Chip() if chip is None else chip
        require_kind("chip", self.chip, Chip, "for example Chip()")
        self.encoding = encoding if encoding is not None else default_encoding(device)
        self.device, self.scheme, self.form = device, scheme, form
        self.seed, self.index = seed, index
        parts = levels_of(self.encoding, device)
        self.chip.require_tile(max(one.planes for _, one in parts))
        if budget is not None:
            require_kind("budget", budget, Budget, "for example Budget(512 * 1024)")
            budget.require(rows, columns, sum(one.planes for _, one in parts))
        for part in parts:
            check_fit(*part)
        check_scheme(scheme, parts, form, self.chip)
        wires = self.chip.wires
        made = [
            Crossbar(own, rows, columns, encoding=one, seed=seed, index=index * (len(parts) + 1) + level, wires=wires)
            for level, (own, one) in enumerate(parts[:-1])
        ]
        own, one = parts[-1]
        stacked = bool(made)
        noisy = any(level.noisy for level in made) or None
        self.levels = (
            *made,
            Crossbar(
                own, rows, columns, encoding=one, seed=seed, index=index * (len(parts) + 1) + len(made),
                stacked=stacked, noisy=noisy, wires=wires,
            ),
        )  # fmt: skip
        super().__init__(rows, columns, bias)
        self._wiring: Any = None
        self.ranges[:] = self.chip.adc_range or 0.0
        self.up, self.down = mean_steps(own, one)
        self.fast = scheme.fast(self, index * (len(parts) + 1) + len(parts))
        self.updates = np.zeros((), np.int64)
        self.refresh()
        self.memory = scheme.memory(self)

    # -- what it is ------------------------------------------------------------------------------------------------

    @property
    def learning(self) -> Crossbar:
        """The array that gets the pulses of learning."""
        return self.fast if self.fast is not None else self.array

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def low(self) -> float:
        """Lowest weight."""
        return sum(level.encoding.w_min for level in self.levels)

    @property
    def high(self) -> float:
        """Highest weight."""
        return sum(level.encoding.w_max for level in self.levels)

    @property
    def step(self) -> float:
        """Mean change of a weight by a pulse of learning, of up and down."""
        return (self.up + self.down) / 2

    # -- changes ---------------------------------------------------------------------------------------------------

    @cached_property
    def _compiled(self) -> dict[str, Any]:
        """The functions of the scheme, and what they get; memory is shared, not copied."""
        from insitu.kernels.state import CARRY_TYPE, COLUMN_TYPE, UPDATE_TYPE, Pointer

        of, idle = self.scheme.kernels(self), load("idle", "entry points")
        loop = getattr(self.scheme, "loop", None)
        learns = self.learning.compiled(
            self.scheme.entry_points(self.learning), loop is not None and loop.tolerance is None
        )
        return {
            "learns": learns,
            "read": learns if self.fast is None else self.array.compiled(self.scheme.carried),
            "update": Pointer(of.update, UPDATE_TYPE),
            "column": Pointer(of.column or idle.column, COLUMN_TYPE),
            "carry": Pointer(of.carry or idle.carry, CARRY_TYPE),
            "dense": of.dense,
            "carries": int(of.carry is not None),
            "numbers": np.array(self.scheme.numbers(self, 1.0), float),
        }

    def wiring(self, rate: float = 1.0, feedback: Floats | None = None) -> Any:
        """Return the layer as the loops of :mod:`insitu.kernels` take it, in memory, while wanted changes carry this rate.

        ``feedback`` (inputs, columns) is through which errors go back in place of the weights.
        """
        from insitu.kernels.memory import Placed
        from insitu.kernels.state import Wiring

        of = self._compiled
        of["numbers"][:] = self.scheme.numbers(self, rate)
        if self._wiring is None or (feedback is not None and self._wiring.of.feedback is not feedback):
            self._wiring = Placed(  # once: Numba leaves something behind of every function that it is shown
                Wiring(
                    **{
                        name: of[name] for name in ("read", "learns", "update", "column", "carry", "carries", "numbers")
                    },
                    memory=self.memory,
                    counts=self.array.counts,
                    learned=self.learning.counts,
                    feedback=np.zeros((0, 0), np.float32) if feedback is None else feedback,
                )
            )
        return self._wiring

    @property
    def takes_dense(self) -> bool:
        """Whether a dense change can be asked for."""
        return "dense" in self.scheme.takes

    def add(self, change: Floats) -> None:
        """Ask for a dense change (rows, columns), in units of weight."""
        from insitu.kernels.state import entry

        change = matrix("change", change, self.shape)
        if not self.takes_dense:
            raise InputError(f"change: {type(self.scheme).__name__} takes no dense change; ask for it by add_factors")
        of = self._compiled
        of["numbers"][:] = self.scheme.numbers(self, 1.0)
        entry(of["dense"])(
            of["learns"], change, self.memory, of["numbers"], int(self.updates), self.array.counts
        )  # fmt: skip
        raise_lost()
        self.updates += 1

    def add_factors(self, x: Floats, d: Floats, rate: float = 1.0) -> None:
        """Ask for the sum over examples of the outer products of x (batch, rows) and d (batch, columns), one by one.

        ``d`` carries the rate; schemes that scale their own signals are told of it.
        """
        from insitu.kernels.state import entry

        x, d = (matrix(*one) for one in (("x", x, None, self.rows), ("d", d, None, self.columns)))
        if len(x) != len(d):
            raise InputError(f"x, d: got {len(x)} and {len(d)} examples; allowed are as many of one as of the other")
        require_between("rate", rate, 0, 1e6, optional=False)
        entry(load("factors", "updates by factors").add_all)(
            self.wiring(rate).address, x, d, int(self.updates)
        )  # fmt: skip
        raise_lost()
        self.updates += len(x)

    # -- setting ---------------------------------------------------------------------------------------------------

    def put(self, values: NDArray[np.floating]) -> None:
        """Make these (rows, columns) the weights before learning; each cell within its own range, faulty ones as they are.

        A single array is put in that state as it leaves the factory, and no pulse is counted; several are tuned and charged.
        """
        matrix("values", values, self.shape)
        if len(self.levels) == 1:
            self.array.set_weights(values)
            if self.scheme.exact:
                self.array.weights[:] = np.clip(values, self.low, self.high)
                self.follow()
        else:
            load_levels(self, np.asarray(values, np.float32), 0)
            self.rewire()
        self.memory[...] = self.scheme.memory(self)
        self.scheme.aim(self.memory, np.clip(values, self.low, self.high).astype(np.float32))

    def write(self, values: NDArray[np.floating], loop: ClosedLoop | None = None) -> None:
        """Write these (rows, columns) once, closed loop, pulses and looks counted."""
        require_kind("loop", loop, (ClosedLoop, NoneType), "for example ClosedLoop()")
        matrix("values", values, self.shape)
        goals = np.clip(values, self.low, self.high) - (self.array.base if self.array.stacked else 0)
        goals = self.array.chop[:, None] * goals
        rows, columns = np.divmod(np.arange(self.rows * self.columns), self.columns)
        own = getattr(self.scheme, "loop", None)
        self.array.tune(rows, columns, goals[rows, columns], loop or own or ClosedLoop())
        self.memory[...] = self.scheme.memory(self)

    def refresh(self) -> None:
        """Recompute the effective weights, and what their reads scatter, from the conductances of all levels."""
        above, array = self.levels[:-1], self.array
        if above:
            np.sum([level.weights for level in above], axis=0, out=array.base)
            spread = [level.variance * np.ones_like(array.base) for level in above]
            np.sum(spread, axis=0, out=array.base_variance)
            if not array.noisy:
                array.variance[:] = sum(level.uniform_variance for level in self.levels)
        array.refresh()

    def follow(self) -> None:
        """Let the conductances follow weights that were changed as numbers: all but removed cells, faulty or not."""
        if self.scheme.exact:
            load("exact", "exact updates").follow(self.array.address)

    def set_to(self, mask: NDArray[np.bool_], value: float, loop: ClosedLoop) -> None:
        """Write the live weights in ``mask`` (rows, columns) to a value, closed loop; numbers are set to it."""
        require_between("value", value, optional=False)
        array, mask = self.array, self.array.mask(mask)
        if self.scheme.exact:
            self.values[mask] = np.clip(value, self.low, self.high)
            self.follow()
            return
        columns, rows = np.nonzero(mask.T & array.live_mask.T)
        goals = np.full(rows.size, float(value))
        if array.stacked:
            goals = array.chop[rows] * (goals - array.base[rows, columns])
        array.tune(rows, columns, goals, loop)

    def freeze(self, mask: NDArray[np.bool_]) -> None:
        """Exclude the weights in ``mask`` (rows, columns) from all pulses of training, for ever."""
        self.array.freeze(mask)
        if self.fast is not None:
            self.fast.freeze(mask)

    def remove(self, mask: NDArray[np.bool_]) -> None:
        """Disconnect the weights in ``mask`` (rows, columns): they read as exactly 0 and take no pulse, for ever."""
        values = self.values.copy()
        self.array.remove(mask)
        if self.scheme.exact:
            self.values[~mask] = values[~mask]
            self.follow()
        if self.fast is not None:
            self.fast.freeze(mask)

    def rewire(self) -> None:
        """Bring what wires do to the cells up to date, and what levels add to each other."""
        for array in self.arrays_of_cells:
            follow(array)
        if len(self.levels) > 1:
            self.refresh()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count reads as listening, not as learning; cells that have learned behind ideal wires are behind theirs."""
        wires, outermost = self.chip.wires, not self._listening
        with super().listening():
            if not outermost or wires is None or not wires.after_learning:
                yield
                return
            learned = [(whole, whole.copy()) for level in self.levels for whole in (level.weights, level.variance)]
            learned += [(whole, whole.copy()) for whole in (self.array.base, self.array.base_variance)]
            for level in self.levels:
                connect(level)
            if len(self.levels) > 1:
                self.refresh()
            try:
                yield
            finally:
                for level in self.levels:
                    disconnect(level)
                for whole, before in learned:
                    whole[:] = before

    # -- reads that leave a mark -------------------------------------------------------------------------------------

    @property
    def disturbance(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """By which powers of e reads of learning since the last look change the cells of each row (rows,), and of each column
        (columns,); None if they do not."""
        by = self.chip.disturbances
        if by is None or not self.drive.any():
            return None
        from insitu.kernels.state import PARTS

        forward, backward = np.log1p(by)
        rows, columns, swept = self.drive / PARTS
        return forward * rows[: self.rows], (backward * columns + forward * swept)[: self.columns]

    def look(self) -> None:
        """Count what the lines that learning has driven since the last look conduct, and let these reads disturb the cells.

        Networks do it every 2,000 examples, or before cells have changed by much more than 1 %; who reads and writes weights
        by hand says when.
        """
        change = self.disturbance
        self.meter()
        if change is None:
            return
        for level in self.levels:
            disturb(level, *change, self.inputs)
        self.rewire()

    # -- time ------------------------------------------------------------------------------------------------------

    def age(self, seconds: float) -> None:
        """Let time pass for all cells, and keep the weights, and what wires do to them, current."""
        require_between("seconds", seconds, 0, 1e18, unit="s", optional=False)
        self.follow()
        if not self.scheme.exact:
            self.look()  # what reads so far have done, they did to the cells as they were
        changed = [age(array, seconds) for array in self.arrays_of_cells]
        if self.chip.wires is not None and any(changed):
            self.rewire()
        elif any(changed[: len(self.levels) - 1]):
            self.refresh()

    # -- saving ----------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that training changed, for a checkpoint."""
        state = {name: np.array(getattr(self, name)) for name in _STATE}
        for place, array in enumerate(self.arrays_of_cells):
            state |= {f"{place}.{name}": value for name, value in array.arrays().items()}
        return state

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into weights made with the same parameters and seed."""
        require_kind("arrays", arrays, Mapping, "what arrays() of such weights has returned")
        for name in _STATE:
            mine, saved = getattr(self, name), arrays.get(name)
            if name == "drive" and saved is not None and np.shape(saved) == (2, mine.shape[1]):
                saved = np.vstack([saved, np.zeros_like(mine[:1])])  # of an insitu that did not tell columns read apart
            if saved is None or np.shape(saved) != mine.shape:
                raise InputError(
                    f"restore: '{name}' is missing or not of these {self.rows} x {self.columns} weights and their "
                    f"{type(self.scheme).__name__}; resume with the scheme of the first run"
                )
            mine[...] = saved
        for place, array in enumerate(self.arrays_of_cells):
            head = f"{place}."
            array.restore({k.removeprefix(head): v for k, v in arrays.items() if k.startswith(head)})
        if len(self.levels) > 1:
            self.refresh()
        if self.scheme.exact:
            self.values[:] = arrays[f"{len(self.levels) - 1}.weights"]  # as numbers they may be finer than their cells

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy what the weights were made of, and what training changed."""
        made_of: dict[str, Any] = {"form": self.form, "encoding": self.encoding, "chip": self.chip, "bias": self.bias}
        made_of |= {"seed": self.seed, "index": self.index}
        make = partial(Weights, self.device, self.rows, self.columns, self.scheme, **made_of)
        return make, (), self.arrays()

    __setstate__ = restore
