"""Words in Braille: a network of two layers, a memory of one, and what they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.datasets import braille
from insitu.devices.base import Device
from insitu.errors import InputError
from insitu.networks import baselines
from insitu.networks.energy import RESTLESS, EnergyNetwork
from insitu.networks.energy_rule import first_weights
from insitu.networks.estimating import unsettled
from insitu.networks.hopfield import BinaryRule
from insitu.networks.recurrent import RecurrentNetwork
from insitu.random import content_numbers
from insitu.recipes.accounts import ledger_of, relaxing, saved
from insitu.recipes.model import Model, restored
from insitu.recipes.session import Session
from insitu.recipes.split import tested_on
from insitu.recipes.storage import stored
from insitu.recipes.training import Meter, train
from insitu.recipes.yi2022_options import Recipe, axes_of, device_of, energy_rule
from insitu.runs import RunFolder, save_checkpoint
from insitu.schemes import Weights, WriteVerify

_TWO, _ONE = "two layers", "one layer"
_TESTS = 1 << 40  #: batches of distorted words for tests are numbered from here, those for learning from 0


@dataclass(frozen=True)
class Batches(Sequence[tuple[Floats, Floats]]):
    """The distorted batches on which two layers learn: (inputs, wanted outputs), one unit a word; made when asked for."""

    recipe: Recipe
    patterns: Floats

    def __len__(self) -> int:
        return self.recipe.two_layer.updates

    def __getitem__(self, k: Any) -> Any:
        if k >= len(self):
            raise IndexError(k)
        label = np.arange(self.recipe.two_layer.batch) % len(self.patterns)
        flips, seed = self.recipe.training.flips, self.recipe.seed
        wanted = np.eye(len(self.patterns), dtype=np.float32)[label]
        return braille.distort(self.patterns[label], flips, seed=seed, batch=k), wanted


@dataclass
class Trained:
    """Both networks after learning, and the fraction of wrong words in each batch on the way.

    Parameters
    ----------
    patterns : (words, units), what was learned.
    steps : mean settling steps of each update of the two layers.
    seconds : spent learning.
    """

    patterns: Floats
    two: EnergyNetwork
    one: RecurrentNetwork
    errors: dict[str, list[float]] = field(default_factory=dict)
    steps: list[float] = field(default_factory=list)
    seconds: float = 0.0


def distorted(recipe: Recipe, patterns: Floats, flip: float, place: int) -> tuple[Floats, NDArray[np.intp]]:
    """Return (n, units) distorted words for a test, the same for all methods, and which word (n,) each is."""
    label = np.tile(np.arange(len(patterns)), recipe.data.examples)
    batch = _TESTS + place
    return braille.distort(patterns[label], flip, erased=recipe.data.erased, seed=recipe.seed, batch=batch), label


def learn(recipe: Recipe, device: Device, session: Session) -> Trained:
    """Train both networks."""
    patterns = braille.encode(recipe.data.words, recipe.data.cells)
    p, q, units = recipe.two_layer, recipe.one_layer, patterns.shape[1]
    axes, form = axes_of(recipe), recipe.training.form
    two = _two_layers(recipe, device, units)
    settling = BinaryRule(**q.model_dump(include={"blocks", "sweeps", "drive", "hysteresis"}))
    one = RecurrentNetwork(device, units, settling, form=form, seed=recipe.seed, **axes)
    shown = Batches(recipe, patterns)
    run = Trained(patterns, two, one)
    wrong: list[float] = []
    each = q.batch + -q.batch % len(patterns)  # every word equally often

    def learn_two(first: int, stop: int, _: Meter) -> None:
        for k in range(first // p.batch, stop // p.batch):
            x, y = shown[k]
            free, second = two.learn(x, y, p.rate * (1 - k / p.updates))[:2]
            wrong.append(float((free.states[-1].argmax(axis=1) != y.argmax(axis=1)).mean()))
            run.steps.append((free.steps + second.steps) / 2)

    def learn_one(first: int, stop: int, _: Meter) -> None:
        for k in range(first // each, stop // each):
            one.learn(patterns, q.rate * (1 - k / q.updates), batch=q.batch, noise=recipe.training.flips)

    parts = [(_TWO, two, learn_two, p.batch, p.updates), (_ONE, one, learn_one, each, q.updates)]
    for what, network, teach, batch, updates in parts:
        stops = range(batch, batch * updates + 1, batch)
        run.seconds += train(network, session, stops, teach, what=what, unit="words", kept=False).seconds
    run.errors = {"two_layer": wrong, "one_layer": one.errors}
    return run


def carry_out(recipe: Recipe, session: Session) -> dict[str, Any]:
    """Train, test, draw; return the result."""
    name, device = device_of(recipe)
    run = learn(recipe, device, session)
    for which, network in ((_TWO, run.two), (_ONE, run.one)):
        session.warn(network.warning, which)
    recall, moving, examples = test(recipe, run, device)
    remedy = "raise two_layer.test_steps and one_layer.sweeps, or lower two_layer.gain"
    if sentence := unsettled(moving, examples, remedy):
        session.console.print(sentence)
    p, q = recipe.two_layer, recipe.one_layer
    layers = {f"{_TWO}, layer {n}": layer for n, layer in enumerate(run.two.layers, 1)} | {_ONE: run.one.layer}
    updates, batches = {_TWO: p.updates, _ONE: q.updates}, {_TWO: p.batch, _ONE: q.batch}
    result = {
        "recall": recall,
        **{f"accuracy_{key}_{flip}": value for key, found in recall.items() for flip, value in found.items()},
        "settling_steps": float(np.mean(run.steps)),
        "unsettled_fraction": moving / examples,
        "train_seconds": run.seconds,
        "words": list(recipe.data.words),
        "ledger": {"two_layer": ledger_of(layers, _TWO), "one_layer": ledger_of(layers, _ONE)},
        **relaxing(layers, name, updates, batches, signed=True),
    }
    result |= {"example": "word", "tested": tested_on(result, len(run.patterns) * recipe.data.examples, 0)}
    if not session.result_only:
        _keep(recipe, run, recall, session)
    return result | stored(session.then_age, [run.two, run.one], lambda: _exact(recipe, run))


def _keep(recipe: Recipe, run: Trained, recall: dict[str, dict[str, float]], session: Session) -> None:
    """Write arrays, metrics and figures into the run folder."""
    from insitu.reports.braille_figures import draw_all

    two, one = run.two, run.one
    layers = {f"two_layer.{n}.": layer for n, layer in enumerate(two.layers)} | {"one_layer.": one.layer}
    session.folder.write_npz("arrays.npz", saved(layers))
    save_checkpoint(session.folder, two.arrays(), {})  # for the model of the run: a training of seconds is begun anew
    rows = [{"batch": k, "network": key, "error": e} for key, found in run.errors.items() for k, e in enumerate(found)]
    session.folder.write_metrics(rows)

    def again(flip: float, place: int) -> tuple[Floats, NDArray[np.intp]]:
        return distorted(recipe, run.patterns, flip, place)

    with session.drawing():
        draw_all(session.folder.figures, run, recall, again)


def test(recipe: Recipe, run: Trained, device: Device) -> tuple[dict[str, dict[str, float]], int, int]:
    """Return the fraction of exact words by method and distortion, and how many recalls did not settle, of how many."""
    patterns = run.patterns
    hebb, projection = baselines.hebb(patterns), baselines.pseudo_inverse(patterns)
    written = written_backpropagation(recipe, run, device)
    gains = run.two.gains
    recall: dict[str, dict[str, float]] = {
        key: {} for key in ("two_layer", "one_layer", "pseudo_inverse", "hebb", "maximum_likelihood", "backpropagation")
    }
    moving, examples = 0, 0
    for place, flip in enumerate(recipe.data.flips):
        x, label = distorted(recipe, patterns, flip, place)
        truth = patterns[label]
        right, restless = _rebuilt(recipe, run, x, label)
        moving += restless
        examples += 2 * len(x)
        numbers = content_numbers(x)
        hidden = np.tanh(gains[0] * written[0].read(x, numbers))
        found = {
            **right,
            "pseudo_inverse": (baselines.recalled(projection, x, seed=recipe.seed) == truth).all(axis=1),
            "hebb": (baselines.recalled(hebb, x, seed=recipe.seed) == truth).all(axis=1),
            "maximum_likelihood": baselines.most_likely(patterns, x, flip, recipe.data.erased) == label,
            "backpropagation": written[1].read(hidden, numbers).argmax(axis=1) == label,
        }
        for key, right in found.items():
            recall[key][f"{flip:g}"] = float(right.mean())
    return recall, moving, examples


def _rebuilt(
    recipe: Recipe, run: Trained, x: Floats, label: NDArray[np.intp]
) -> tuple[dict[str, NDArray[np.bool_]], int]:
    """Return which of some distorted words (n,) both networks rebuild exactly, and how many recalls did not settle."""
    outputs, moved = run.two.respond(x, recipe.two_layer.test_steps)
    settled = run.one.settle(x)
    right = {
        "two_layer": outputs.argmax(axis=1) == label,
        "one_layer": (settled.states == run.patterns[label]).all(axis=1),
    }
    return right, int((moved > RESTLESS).sum() + (~settled.settled).sum())


def _exact(recipe: Recipe, run: Trained) -> dict[str, float]:
    """Return the fraction of exact words of both networks, by the keys of the result."""
    found: dict[str, float] = {}
    for place, flip in enumerate(recipe.data.flips):
        right, _ = _rebuilt(recipe, run, *distorted(recipe, run.patterns, flip, place))
        found |= {f"accuracy_{key}_{flip:g}": float(some.mean()) for key, some in right.items()}
    return found


def model(recipe: Recipe, folder: RunFolder) -> Model:
    """Return the network of two layers of a finished run, which names the words of distorted patterns."""
    words, units = np.array(recipe.data.words), 6 * recipe.data.cells
    network = _two_layers(recipe, device_of(recipe)[1], units)

    def predict(X: Any) -> NDArray[Any]:
        patterns = np.asarray(X)
        if patterns.dtype.kind not in "if" or patterns.shape[1:] != (units,) or not (np.abs(patterns) == 1).all():
            raise InputError(
                f"X: got {patterns.dtype} of shape {patterns.shape}; allowed are patterns (n, {units}) of +1, a raised dot, "
                "and -1, such as insitu.datasets.braille.encode gives"
            )
        outputs, _ = network.respond(patterns.astype(np.float32), recipe.two_layer.test_steps)
        return np.asarray(words[outputs.argmax(axis=1)])

    return restored(network, folder, predict)


def _two_layers(recipe: Recipe, device: Device, units: int) -> EnergyNetwork:
    """Return the untrained network of two layers."""
    sizes = (units, recipe.two_layer.hidden, len(recipe.data.words))
    return EnergyNetwork(
        device, sizes, energy_rule(recipe, recipe.two_layer), index=2, seed=recipe.seed, **axes_of(recipe)
    )


def written_backpropagation(recipe: Recipe, run: Trained, device: Device) -> list[Weights]:
    """Return two layers that hold, written once, what backpropagation learned in software on the same batches."""
    p, (words, units) = recipe.two_layer, run.patterns.shape
    axes = axes_of(recipe)
    scheme = axes.pop("scheme")
    closed = scheme if isinstance(scheme, WriteVerify) else WriteVerify()
    layers = [
        Weights(device, rows, columns, closed, form="dense", bias=True, seed=recipe.seed, index=4 + i, **axes)
        for i, (rows, columns) in enumerate(((units + 1, p.hidden), (p.hidden + 1, words)))
    ]
    start, shown = [first_weights(layer, p.initial) for layer in layers], Batches(recipe, run.patterns)
    for layer, weights in zip(layers, baselines.backpropagated(shown, p.gain, start, 4 * p.rate), strict=True):
        layer.write(weights)
    return layers
