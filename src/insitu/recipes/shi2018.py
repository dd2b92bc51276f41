"""The first system: a spiking network that learns digits without labels on a simulated CBRAM array (Shi et al. 2018)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from insitu.arrays import Budget
from insitu.cells import SingleDevice
from insitu.chip import Chip
from insitu.datasets import Dataset
from insitu.datasets.scaling import FULL, Scaling
from insitu.devices.base import Device
from insitu.errors import MOST
from insitu.learning import ConventionalPruning, Pruning, SoftPruning, Stdp
from insitu.learning.pruning import Order, Schedule
from insitu.ledger import Counts, Wear
from insitu.networks.inputs import Coding, InputMap, PopulationCode, active_pixels
from insitu.networks.readout import ClassReadout, Decision
from insitu.networks.spiking import PoissonInput, SpikingNetwork, SpikingRule, WinnerTakeAll
from insitu.recipes import accounts
from insitu.recipes.axes import EncodingName, Options, SchemeOption, encoding_of
from insitu.recipes.exam import Exam
from insitu.recipes.imperfect import ArrayTable
from insitu.recipes.loading import BaseRecipe, OrAuto, OrOff, RecipePart
from insitu.recipes.model import Model, pixels, restored
from insitu.recipes.session import Session
from insitu.recipes.split import check_labels, split
from insitu.recipes.storage import stored
from insitu.recipes.training import SHOW_EVERY, Look, Meter, Shuffled, train
from insitu.runs import RunFolder
from insitu.schemes import BlindPulses

_TEST, _HELD = "", "validation_"  #: kinds of images that are asked; prefixes of the keys of their results
_TABLE = (
    200  #: features of a table that are coded by populations, of which the array of 512 kbit has room for 500 neurons
)
_MATURE = 25 / 36  #: "auto" in the output spikes that fall to a neuron in the whole training; 2,000 on MNIST


class _Data(RecipePart):
    min_active: float = Field(0.05, ge=0, le=1)
    threshold: float = Field(1.0, ge=0)
    coding: Coding = "auto"
    validation: int = Field(0, ge=0)


class _Network(RecipePart):
    neurons: int = Field(500, ge=1, le=MOST)


class _Training(RecipePart):
    epochs: int = Field(3, ge=1, le=10_000)
    presentations: int = Field(40_000, ge=1, le=MOST)
    evaluations: int = Field(6, ge=0, le=1000)


class _Pruning(RecipePart):
    method: Literal["soft", "conventional", "none"] = "soft"
    fraction: float = Field(0.75, ge=0, le=1)
    maturity: OrAuto[int] = Field(None, ge=1)
    power: OrOff[float] = None
    order: Order = "lowest"
    value: float | Literal["hold"] = "hold"


class _Array(ArrayTable):
    weights: Literal["ideal", "analogue", "digital"] = "analogue"
    bits: int = Field(2, ge=1, le=16)
    cells: int = Field(524_288, ge=1)


class _Readout(RecipePart):
    decision: Decision = "bayes"


class Recipe(BaseRecipe):
    """The fields of shi2018.toml, which explains them."""

    form: ClassVar = "column"
    data: _Data = _Data()
    network: _Network = _Network()
    training: _Training = _Training()
    input: Options[PoissonInput] = PoissonInput()
    stdp: Options[Stdp] = Stdp()
    wta: Options[WinnerTakeAll] = WinnerTakeAll()
    pruning: _Pruning = _Pruning()
    array: _Array = _Array()
    scheme: SchemeOption = BlindPulses()
    chip: Options[Chip] = Chip()
    readout: _Readout = _Readout()


def device_of(recipe: Recipe) -> tuple[str, Device]:
    """Return the name and the device that a recipe asks for, imperfections off if its weights are ideal."""
    auto = "shi2018-cbram-binary" if recipe.array.weights == "digital" else "shi2018-cbram"
    return recipe.array.named_device(recipe.scheme, auto=auto)


def devices(recipe: Recipe) -> list[tuple[str, Device]]:
    """Return the device of the cells with its name."""
    return [device_of(recipe)]


def maturity_of(recipe: Recipe, images: int) -> int:
    """Return after how many of its output spikes a neuron is pruned, if that many images are there to learn from."""
    if recipe.pruning.maturity is not None:
        return recipe.pruning.maturity
    each = _epochs(recipe, images) * images * recipe.wta.spikes / recipe.network.neurons
    return max(1, round(_MATURE * each))


def rule_of(recipe: Recipe, images: int) -> SpikingRule:
    """Return what the network does with its array, if that many images are there to learn from."""
    p = recipe.pruning
    pruning: Pruning | None = None
    if p.method != "none":
        schedule = Schedule(fraction=p.fraction, maturity=maturity_of(recipe, images), power=p.power, order=p.order)
        soft, value = p.method == "soft", None if p.value == "hold" else p.value
        pruning = SoftPruning(schedule=schedule, value=value) if soft else ConventionalPruning(schedule=schedule)
    return SpikingRule(stdp=recipe.stdp, input=recipe.input, wta=recipe.wta, pruning=pruning)


def build(recipe: Recipe, inputs: int, images: int) -> SpikingNetwork:
    """Return the untrained network of a recipe with this many inputs, which is to learn from this many images.

    Raises
    ------
    InputError : it does not fit or cannot learn.
    """
    array, device = recipe.array, device_of(recipe)[1]
    name: EncodingName = "bits" if array.weights == "digital" else array.encoding
    return SpikingNetwork(
        device,
        inputs,
        recipe.network.neurons,
        rule_of(recipe, images),
        scheme=recipe.scheme,
        encoding=encoding_of(name, device, bits=array.bits, otherwise=SingleDevice()),
        chip=recipe.chip,
        budget=Budget(array.cells),
        seed=recipe.seed,
    )


def inputs_of(recipe: Recipe, dataset: Dataset, images: NDArray[Any]) -> InputMap | PopulationCode:
    """Return the way from features to inputs, learned from the images (n, features) to learn from."""
    p, (_, features) = recipe.data, images.shape
    if p.coding == "population" or (p.coding == "auto" and dataset.shape is None and features <= _TABLE):
        return population(features)
    return InputMap(active_pixels(images, fraction=p.min_active, threshold=p.threshold), FULL)


def population(features: int) -> PopulationCode:
    """Return the population code of this many features from 0 to 255."""
    return PopulationCode(Scaling(np.zeros(1), np.full(1, FULL)), features)


def execute(recipe: Recipe, dataset: Dataset, session: Session) -> dict[str, Any]:
    """Train, label, test; write arrays, metrics and figures into the run folder; return the result."""
    held = recipe.data.validation
    (images, labels), *others = split(dataset, held)
    check_labels(dataset)
    inputs = inputs_of(recipe, dataset, images)
    kept, test = ((inputs(x), truth) for x, truth in others)
    asked = {_TEST: test, _HELD: kept} if held else {_TEST: test}
    exam = Exam(inputs(images), labels, asked, recipe.readout.decision)
    network, untrained = (build(recipe, inputs.inputs, len(images)) for _ in range(2))
    session.console.print(_plan(recipe, len(images), dataset.example), soft_wrap=True)
    with session.progress("naming neurons before learning", len(images)) as advance:
        without = exam.look(untrained, *exam.asked, advance=advance)

    progress = _learn(recipe, network, exam, without, session)
    session.warn(network.warning)
    learned = network.counts
    with session.progress("naming neurons", len(images)) as advance:
        readout = exam.name(network, advance)
    labelled = network.heard
    found = exam.ask(network, readout, _TEST)
    tested = network.heard - labelled
    if held:
        found |= exam.ask(network, readout, _HELD)
    found |= {f"untrained_{key}": share for key, share in without.items()}
    phases = {"learning": learned, "labelling": labelled, "test": tested}
    result = found | {"example": dataset.example, "tested": exam.tested()}
    result |= _account(recipe, network, phases, progress)
    if session.result_only:
        return result
    from insitu.reports.spiking_figures import draw_all
    from insitu.reports.spiking_panels import Trained

    session.folder.write_npz("arrays.npz", _arrays(network, readout, inputs))
    watched = f"{'held-back training' if held else 'test'} {dataset.example}s"
    with session.drawing():
        run = Trained(untrained, network, readout, inputs, dataset)
        draw_all(session.folder.figures, run, progress.rows, watched)
    return result | stored(session.then_age, [network], lambda: exam.ask(network, readout, _TEST))


def _plan(recipe: Recipe, images: int, example: str) -> str:
    """Return how long is learned and when is pruned, which depend on how many images there are."""
    epochs = _epochs(recipe, images)
    plan = f"{epochs} pass{'es' * (epochs != 1)} over {images:,} {example}s, without their labels"
    if recipe.pruning.method == "none":
        return f"Learning: {plan}."
    share = f"{100 * recipe.pruning.fraction:g} % of a neuron's weights"
    return f"Learning: {plan}; {share} are pruned from its spike number {maturity_of(recipe, images):,} on."


def _account(recipe: Recipe, network: SpikingNetwork, phases: dict[str, Counts], progress: Meter) -> dict[str, Any]:
    """Return all of the result that is no accuracy."""
    array, device = network.synapses.array, device_of(recipe)[0]
    wear, learned = Wear.of(array.writes), phases["learning"]
    return {
        "pruned_fraction": float(1 - array.n_live.sum() / (array.rows * array.columns)),
        "pulses_up": learned.pulses_up,
        "pulses_down": learned.pulses_down,
        "pulses_per_cell": wear.mean,
        "pulses_per_cell_p99": wear.p99,
        "pulses_per_cell_max": wear.maximum,
        "images_shown": int(network.shown),
        "images_per_second": network.shown / progress.seconds if progress.seconds else 0.0,
        "train_seconds": progress.seconds,
        "device": device,
        "inputs": array.rows,
        "neurons": array.columns,
        "cells": int(array.g.size),
        "ledger": {phase: counts.as_dict() for phase, counts in phases.items()},
        **accounts.chip_of({"synapses": network.synapses}),
        **accounts.spiking(network, device, phases).as_dict(),
    }


def _arrays(
    network: SpikingNetwork, readout: ClassReadout, inputs: InputMap | PopulationCode
) -> dict[str, NDArray[Any]]:
    """Return what arrays.npz holds."""
    array = network.synapses.array
    fast = network.synapses.fast
    return ({} if fast is None else {"fast_conductance": fast.g, "fast_writes": fast.writes}) | {
        "conductance": array.g,
        "writes": array.writes,
        "weights": array.weights,
        "live": array.live_mask,
        "bias": network.bias,
        "fired": network.fired,
        "neuron_class": readout.neuron_class,
        "class_spikes": readout.spikes,
        **({"mask": inputs.mask} if isinstance(inputs, InputMap) else {"features": np.array(inputs.features)}),
    }


def model(recipe: Recipe, folder: RunFolder) -> Model:
    """Return the network of a finished run, which names digits."""
    saved = folder.read_npz("arrays.npz")
    features = saved["mask"].size if "mask" in saved else int(saved["features"])
    inputs = InputMap(saved["mask"], FULL) if "mask" in saved else population(features)
    readout = ClassReadout(saved["class_spikes"])
    network = build(recipe, inputs.inputs, 1)  # of how many images it learned matters no more

    def predict(X: Any) -> NDArray[Any]:
        return readout.predict(network.respond(inputs(pixels(X, features))), recipe.readout.decision)

    return restored(network, folder, predict)


def estimate_seconds(recipe: Recipe, dataset: Dataset) -> float:
    """Return about how long a run takes on one core, without pruning, looks on the way and figures, s; what the untrained
    network is asked is in it.

    The constants are nanoseconds on the machine of docs/performance.md.
    """
    images, spikes, reads = len(dataset.train_images), recipe.wta.spikes, recipe.wta.presentations
    pixels = dataset.train_images.size / images
    inputs = pixels / 2 if dataset.shape else max(4 * pixels, 400)
    listen = inputs * 8 + spikes * (inputs * 0.4 + recipe.network.neurons * 4.2)
    array = recipe.array
    weight = 5.0 * array.bits if array.weights == "digital" else 16.0 if array.encoding == "pair" else 12.0
    program = spikes * inputs * weight / recipe.stdp.every
    test = len(dataset.test_images)
    listened = 2 * max(images, min(50_000, images * reads)) + (test + min(test, 5000)) * reads
    return 2.0 + 1e-9 * (_epochs(recipe, images) * images * (listen + program) + listened * listen)


def _epochs(recipe: Recipe, images: int) -> int:
    """Return how often all images are shown: a small data set more often."""
    return max(recipe.training.epochs, -(-recipe.training.presentations // images))


def _learn(recipe: Recipe, network: SpikingNetwork, exam: Exam, without: dict[str, float], session: Session) -> Meter:
    """Learn with looks at the accuracy on the way."""
    images = exam.shown
    total = _epochs(recipe, len(images)) * len(images)
    evaluations = 0 if session.result_only else recipe.training.evaluations
    looks = np.linspace(0, total, evaluations + 1).round().astype(int)[1:].tolist()
    shuffled = Shuffled(recipe.seed, len(images))

    def learn(first: int, stop: int, meter: Meter) -> None:
        for _, part in shuffled.parts(first, stop):
            network.learn(images[part])

    def look(stop: int, _: Meter) -> Look:
        return _row(network, exam, exam.look(network, [*exam.asked][-1])) if stop in looks else None, ""

    start = Meter(rows=[_row(network, exam, without)] if evaluations else [])
    return train(network, session, {*range(SHOW_EVERY, total, SHOW_EVERY), *looks, total}, learn, look, meter=start)


def _row(network: SpikingNetwork, exam: Exam, found: dict[str, float]) -> dict[str, Any]:
    """Return one row of the metrics: an accuracy, and the counts so far.

    Who tunes on held-back images looks at no test image: the last images that are asked count.
    """
    done = network.counts
    return {
        "images": int(network.shown),
        "epochs": int(network.shown) / len(exam.shown),
        "accuracy": found[f"{[*exam.asked][-1]}accuracy"],
        "pruned_fraction": float(1 - network.synapses.array.n_live.mean() / network.synapses.rows),
        "pulses_up": done.pulses_up,
        "pulses_down": done.pulses_down,
    }
