"""The spiking network of Shi et al. 2018: Poisson inputs, one array of synapses, a Bayesian winner-take-all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays import Crossbar
from insitu.errors import InputError, require_between, require_whole
from insitu.kernels.cache import load
from insitu.learning import Pruning, Stdp
from insitu.random import Stream, uniform

CHECK_EVERY = 250  #: images between two looks at which weights have matured; fixed, so that no split changes it
_LISTEN_AT_ONCE = 10_000
_STATE = ("bias", "fired", "shown")  # what learning changes, besides the array
_READING = 1 << 60  #: presentations for reading are numbered from here, those for learning from 0; under 2**61 in all


@dataclass(frozen=True, kw_only=True)
class PoissonInput:
    """Input spike trains: each input fires at random, at a rate in proportion to its intensity.

    Parameters
    ----------
    rate : of an input at full intensity, Hz.
    presentation_ms : how long an image is shown, in steps of 1 ms, at most 64.
    window_ms : an input counts as active for this long after its spike [10 ms: stated by the paper].
    """

    rate: float = 100.0
    presentation_ms: int = 50
    window_ms: int = 10

    def __post_init__(self) -> None:
        require_between("rate", self.rate, 0.1, 10_000, unit="Hz", optional=False)
        require_whole("presentation_ms", self.presentation_ms, 1, 64)
        require_whole("window_ms", self.window_ms, 1, self.presentation_ms)

    def chance(self) -> NDArray[np.uint16]:
        """Return (256,) the probability of a spike within 1 ms for each intensity, in units of 2**-16."""
        p = -np.expm1(-self.rate * 1e-3 * np.arange(256) / 255)
        return np.minimum(np.rint(p * 65536), 65535).astype(np.uint16)


@dataclass(frozen=True, kw_only=True)
class WinnerTakeAll:
    """Bayesian winner-take-all: at each output spike, neuron k fires with probability softmax(gain (u_k + b_k)).

    ``u_k = sum_i w_ki x_i``. The bias b_k falls by ``homeostasis`` at each spike of k and, relative to the others, rises
    at each of theirs (the softmax sees differences only), so that all neurons come to fire equally often.

    Parameters
    ----------
    gain : while learning; reading_gain : while listening, lower so that more neurons have a say.
    homeostasis : in units of u.
    spikes : output spikes a presentation, evenly spaced from the end of the first window on.
    presentations : how often an image is shown when it is to be recognised.
    """

    gain: float = 2.0
    reading_gain: float = 1.0
    homeostasis: float = 0.05
    spikes: int = 8
    presentations: int = 16

    def __post_init__(self) -> None:
        require_between("gain", self.gain, 0, 1000, optional=False)
        require_between("reading_gain", self.reading_gain, 0, 1000, optional=False)
        require_between("homeostasis", self.homeostasis, 0, 100, optional=False)
        require_whole("spikes", self.spikes, 1, 64)
        require_whole("presentations", self.presentations, 1, 1000)


@dataclass(frozen=True, kw_only=True)
class SpikingRule:
    """All that the network does with its array."""

    stdp: Stdp = field(default_factory=Stdp)
    input: PoissonInput = field(default_factory=PoissonInput)
    wta: WinnerTakeAll = field(default_factory=WinnerTakeAll)
    pruning: Pruning | None = None

    def timing(self) -> NDArray[np.int64]:
        """Return what the kernels want: see kernels.wta.learn."""
        first = self.input.window_ms - 1
        interval = (self.input.presentation_ms - self.input.window_ms) // max(self.wta.spikes - 1, 1)
        if self.wta.spikes > 1 and interval < 1:
            raise InputError(
                f"wta.spikes: {self.wta.spikes} output spikes do not fit, one a millisecond, between the end of the first "
                f"window ({self.input.window_ms} ms) and of the presentation ({self.input.presentation_ms} ms)"
            )
        numbers = (self.input.presentation_ms, self.input.window_ms, first, interval, self.wta.spikes)
        return np.array([*numbers, self.wta.presentations, self.stdp.every])


class SpikingNetwork:
    """The state of one network while it learns; the estimator and the recipe are built on it.

    Parameters
    ----------
    array : its synapses, inputs x neurons. Its weights are set to uniform random values in the middle half of the range.
    rule : see :class:`SpikingRule`.
    """

    def __init__(self, array: Crossbar, rule: SpikingRule) -> None:
        self.array, self.rule = array, rule
        self.bias = np.zeros(array.columns)
        self.fired = np.zeros(array.columns, np.int64)
        self.shown = np.zeros((), np.int64)
        self.timing, self.chance = rule.timing(), rule.input.chance()
        self.vector = rule.stdp.vector(array.device, array.encoding)
        low, high = array.encoding.w_min, array.encoding.w_max
        u = uniform(array.seed, Stream.WEIGHTS + 16 * array.index, array.rows * array.columns)
        middle, quarter = (low + high) / 2, (high - low) / 4
        array.set_weights((middle + quarter * (2 * u - 1)).reshape(array.columns, array.rows).T)

    @property
    def kernels(self) -> Any:
        """The compiled loops over images."""
        return load("wta", "the spiking network")

    def learn(self, images: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Show images (n, inputs) once, in order, learning; return the winners (n, spikes)."""
        self._check(images)
        learn = self.kernels.learn
        winners = np.empty((images.shape[0], self.rule.wta.spikes), np.int32)
        wta = np.array([self.rule.wta.gain, self.rule.wta.homeostasis])
        done = 0
        while done < images.shape[0]:
            size = min(CHECK_EVERY - int(self.shown) % CHECK_EVERY, images.shape[0] - done)
            part = slice(done, done + size)
            learn(
                self.array.kernels.program,
                self.array.state,
                np.ascontiguousarray(images[part]),
                self.chance,
                int(self.shown),
                self.bias,
                self.fired,
                wta,
                self.timing,
                self.vector,
                winners[part],
                self.array.counts,
            )
            self.shown += size
            done += size
            if self.rule.pruning is not None and int(self.shown) % CHECK_EVERY == 0:
                self.rule.pruning.apply(self.array, self.fired)
        return winners

    def respond(self, images: NDArray[np.uint8], presentations: int | None = None) -> NDArray[np.int32]:
        """Return the neurons that fire for images (n, inputs), weights frozen: (n, presentations x spikes).

        ``presentations`` of each image; None is what the rule says.

        The input spikes of an image depend on its pixels and the seed alone, so a response does not depend on what else
        is in the batch.
        """
        self._check(images)
        respond = self.kernels.respond
        timing = self.timing.copy()
        timing[5] = self.rule.wta.presentations if presentations is None else presentations
        winners = np.empty((images.shape[0], int(timing[5]) * self.rule.wta.spikes), np.int32)
        for start in range(0, images.shape[0], _LISTEN_AT_ONCE):  # the counts of an image take 64 bytes
            part = np.ascontiguousarray(images[start : start + _LISTEN_AT_ONCE])
            counts = np.zeros((part.shape[0], self.array.counts.size), np.int64)
            respond(
                self.array.weights,
                part,
                self.chance,
                _presentations(part),
                np.uint64(self.array.seed),
                self.bias,
                np.array([self.rule.wta.reading_gain]),
                timing,
                self.array.encoding.planes,
                winners[start : start + _LISTEN_AT_ONCE],
                counts,
            )
            self.array.counts += counts.sum(axis=0)
        return winners

    def _check(self, images: NDArray[np.uint8]) -> None:
        if images.dtype != np.uint8 or images.ndim != 2 or images.shape[1] != self.array.rows:
            raise InputError(
                f"images: got {images.dtype} of shape {images.shape}; allowed is uint8 (n, {self.array.rows}), see InputMap"
            )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that learning changed, for a checkpoint."""
        return {name: getattr(self, name).copy() for name in _STATE} | self.array.arrays()

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into a network made with the same parameters and seed."""
        self.array.restore(arrays)
        for name in _STATE:
            if name not in arrays or arrays[name].shape != getattr(self, name).shape:
                raise InputError(f"restore: '{name}' is missing or not of this network of {self.array.columns} neurons")
            getattr(self, name)[...] = arrays[name]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpickle into memory of its own: what joblib shares among processes is read-only."""
        vars(self).update({name: np.array(v) if isinstance(v, np.ndarray) else v for name, v in state.items()})


def _presentations(images: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the number of the first presentation of each image (n,): the CRC-32 of its pixels, times 2**20."""
    import zlib

    crc = np.fromiter((zlib.crc32(row) for row in images), np.uint64, images.shape[0])
    return np.uint64(_READING) + (crc << np.uint64(20))
