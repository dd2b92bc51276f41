"""The spiking network of Shi et al. 2018: Poisson inputs, one array of synapses, a Bayesian winner-take-all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays import Budget
from insitu.cells import Encoding, MultiConductance, SingleDevice
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_kind, require_whole
from insitu.kernels.cache import load
from insitu.kernels.threads import in_parts
from insitu.learning.pruning import Pruning
from insitu.learning.stdp import Stdp
from insitu.networks.stack import Stack
from insitu.random import LISTENING, Stream, content_numbers, offset, uniform
from insitu.schemes import BlindPulses, Scheme, Weights

_STATE = ("bias", "fired")  # what learning changes, besides the weights
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
        return np.asarray(np.minimum(np.rint(p * 65536), 65535), np.uint16)


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
    homeostasis: float = 0.1
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

    def __post_init__(self) -> None:
        require_kind("rule.stdp", self.stdp, Stdp, "for example Stdp()")
        require_kind("rule.input", self.input, PoissonInput, "for example PoissonInput()")
        require_kind("rule.wta", self.wta, WinnerTakeAll, "for example WinnerTakeAll()")
        if self.wta.spikes > 1 and self._interval < 1:
            raise InputError(
                f"wta.spikes: {self.wta.spikes} output spikes do not fit, one a millisecond, between the end of the first "
                f"window ({self.input.window_ms} ms) and of the presentation ({self.input.presentation_ms} ms)"
            )

    @property
    def _interval(self) -> int:
        return (self.input.presentation_ms - self.input.window_ms) // max(self.wta.spikes - 1, 1)

    def show(self, presentations: int | None = None) -> Any:
        """Return what the kernels want of an image; ``presentations`` if it is listened to, None while learning."""
        listening = presentations is not None
        return load("wta", "the spiking network").Show(
            steps=self.input.presentation_ms,
            window=self.input.window_ms,
            start=self.input.window_ms - 1,
            interval=self._interval,
            spikes=self.wta.spikes,
            presentations=presentations or 1,
            every=self.stdp.every,
            gain=self.wta.reading_gain if listening else self.wta.gain,
            homeostasis=self.wta.homeostasis,
            chance=self.input.chance(),
        )


class SpikingNetwork(Stack):
    """The state of one network while it learns; the estimator and the recipe are built on it.

    Parameters
    ----------
    device : of the synapses.
    inputs, neurons : how many.
    rule : see :class:`SpikingRule`.
    scheme : how wanted changes reach the devices; None is one pulse a synapse, :class:`insitu.schemes.BlindPulses`.
    encoding, chip, budget, seed : see :class:`insitu.schemes.Weights`; an encoding of None is one device a weight where the
        device can be lowered.

    Attributes
    ----------
    synapses : the weights, inputs x neurons, at first uniform in the middle half of their range.
    bias, fired : (neurons,) homeostatic bias, and output spikes so far.
    """

    matures_by = "output spikes of its neuron"

    def __init__(
        self,
        device: Device | None,
        inputs: int,
        neurons: int,
        rule: SpikingRule,
        *,
        scheme: Scheme | None = None,
        encoding: Encoding | MultiConductance | None = None,
        chip: Chip | None = None,
        budget: Budget | None = None,
        seed: int = 0,
    ) -> None:
        require_kind("rule", rule, SpikingRule, "for example SpikingRule()")
        if device is not None:
            require_kind("device", device, Device, "for example insitu.load('shi2018-cbram')")
        if encoding is None and device is not None and not device.one_sided:
            encoding = SingleDevice()
        synapses = Weights(
            device, inputs, neurons, scheme if scheme is not None else BlindPulses(), form="column",
            encoding=encoding, chip=chip, budget=budget, seed=seed,
        )  # fmt: skip
        if synapses.scheme.alternates and rule.stdp.every % 2 == 0:
            raise InputError(
                f"stdp.every: got {rule.stdp.every}; cycles of SET and of RESET take turns by the spikes of a neuron, and at "
                "every even one of them only the SET would come; allowed is an odd number, or scheme.alternate=false"
            )
        super().__init__([synapses], rule.pruning)
        self.rule = rule
        self.bias, self.fired = np.zeros(neurons), np.zeros(neurons, np.int64)
        self._rule = rule.stdp.rule(synapses)
        u = uniform(seed, Stream.WEIGHTS + offset(0), inputs * neurons)
        middle, quarter = (synapses.low + synapses.high) / 2, (synapses.high - synapses.low) / 4
        synapses.put((middle + quarter * (2 * u - 1)).reshape(neurons, inputs).T)

    @property
    def synapses(self) -> Weights:
        """The weights."""
        return self.layers[0]

    @property
    def kernels(self) -> Any:
        """The compiled loops over images."""
        return load("wta", "the spiking network")

    def warm_up(self) -> None:
        """Compile or load all kernels now, so that the time of training is the time of training."""
        assert self.kernels is not None
        self.synapses.wiring()

    def learn(self, images: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Show images (n, inputs) once, in order, learning; return the winners (n, spikes)."""
        from insitu.kernels.state import entry

        self._check(images)
        winners = np.empty((images.shape[0], self.rule.wta.spikes), np.int32)
        wiring, show, learn = self.synapses.wiring(), self.rule.show(), entry(self.kernels.learn)
        neurons, done = self.kernels.neurons(self.bias, self.fired, self.synapses.rows), 0
        while done < images.shape[0]:
            size = min(self.next_event - self.shown, images.shape[0] - done)
            part = slice(done, done + size)
            learn(
                self.synapses.reading.address, wiring.address, np.ascontiguousarray(images[part]), self.shown, neurons, show,
                self._rule, winners[part],
            )  # fmt: skip
            done += size
            self.synapses.note(neurons.room.drive)
            self.advance(size, self.fired)
        self.synapses.follow()
        return winners

    def respond(self, images: NDArray[np.uint8], presentations: int | None = None) -> NDArray[np.int32]:
        """Return the neurons that fire for images (n, inputs), weights frozen: (n, presentations x spikes).

        ``presentations`` of each image; None is what the rule says.

        The input spikes of an image, and the noise of its reads, depend on its pixels and the seed alone, so a response does
        not depend on what else is in the batch.
        """
        from insitu.kernels.state import entry

        self._check(images)
        show = self.rule.show(self.rule.wta.presentations if presentations is None else presentations)
        winners = np.empty((images.shape[0], show.presentations * show.spikes), np.int32)
        heard, respond = self.synapses.heard, entry(self.kernels.respond)
        images, numbers = np.ascontiguousarray(images), presentations_of(images)

        def listen(part: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
            counts = np.zeros_like(heard)
            neurons = self.kernels.neurons(self.bias, self.fired, self.synapses.rows)
            respond(self.synapses.reading.address, images[part], numbers[part], neurons, show, winners[part], counts)
            return counts, neurons.room.drive

        with self.listening():
            for counts, drive in in_parts(listen, len(images)):
                heard += counts
                self.synapses.note(drive)
        return winners

    def _check(self, images: NDArray[np.uint8]) -> None:
        if images.dtype != np.uint8 or images.ndim != 2 or images.shape[1] != self.synapses.rows:
            raise InputError(
                f"images: got {images.dtype} of shape {images.shape}; allowed is uint8 (n, {self.synapses.rows})"
            )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that learning changed, for a checkpoint."""
        return {name: getattr(self, name).copy() for name in _STATE} | super().arrays()

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into a network made with the same parameters and seed."""
        for name in _STATE:
            if name not in arrays or arrays[name].shape != getattr(self, name).shape:
                raise InputError(f"restore: '{name}' is missing or not of this network of {len(self.bias)} neurons")
        super().restore(arrays)
        for name in _STATE:
            getattr(self, name)[...] = arrays[name]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpickle into memory of its own: what joblib shares among processes is read-only."""
        vars(self).update({name: np.array(v) if isinstance(v, np.ndarray) else v for name, v in state.items()})


def presentations_of(images: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the number of the first presentation of each image (n,): the CRC-32 of its pixels, times 2**20."""
    crc = content_numbers(images) - np.uint64(LISTENING)
    return np.uint64(_READING) + (crc << np.uint64(20))
