"""The first system: a spiking network that learns digits without labels on a simulated CBRAM array (Shi et al. 2018)."""

from __future__ import annotations

import time
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from insitu.arrays import Budget
from insitu.cells import SingleDevice
from insitu.chip import Chip
from insitu.datasets import Dataset
from insitu.devices.base import Device
from insitu.devices.library import load
from insitu.learning import ConventionalPruning, Pruning, SoftPruning, Stdp
from insitu.learning.pruning import Order, Schedule
from insitu.ledger import Wear
from insitu.networks.inputs import InputMap, active_pixels
from insitu.networks.readout import ClassReadout, Decision, label_neurons
from insitu.networks.spiking import PoissonInput, SpikingNetwork, SpikingRule, WinnerTakeAll
from insitu.random import permutation
from insitu.recipes import accounts
from insitu.recipes.axes import EncodingName, Options, SchemeOption, encoding_of
from insitu.recipes.loading import BaseRecipe, OrOff, RecipePart
from insitu.recipes.session import Session
from insitu.recipes.split import check_held_back, check_labels
from insitu.runs import load_checkpoint, save_checkpoint
from insitu.schemes import BlindPulses

SUMMARY = "unsupervised spiking network with soft-pruning on a 512 kbit subquantum CBRAM array (Shi et al. 2018)"

#: overrides of --quick
QUICK = ("training.epochs=1", "training.presentations=1")

#: rows of the table at the end of a run
LABELS = {
    "accuracy": "test images named correctly",
    "accuracy_vote": "the same, if each neuron stands for one digit",
    "validation_accuracy": "held-back training images named correctly",
    "pruned_fraction": "weights pruned during training",
    "pulses_up": "up pulses on memory cells (LTP)",
    "pulses_down": "down pulses on memory cells (LTD)",
    "pulses_per_cell": "pulses a cell, mean",
    "pulses_per_cell_max": "pulses a cell, largest",
    "cells": "memory cells in use",
    "train_seconds": "time to train",
    "images_per_second": "training images a second",
}

_SHOW_EVERY = 5000  #: images between two looks at progress and two checkpoints
_CURVE_IMAGES = 5000  #: training images that label, and as many that test, for the curve of accuracy over training


class _Data(RecipePart):
    min_active: float = Field(0.05, ge=0, le=1)
    threshold: float = Field(1.0, ge=0)
    validation: int = Field(0, ge=0)


class _Network(RecipePart):
    neurons: int = Field(500, ge=1)


class _Training(RecipePart):
    epochs: int = Field(3, ge=1, le=10_000)
    presentations: int = Field(150_000, ge=1)
    evaluations: int = Field(6, ge=0, le=1000)


class _Pruning(RecipePart):
    method: Literal["soft", "conventional", "none"] = "soft"
    fraction: float = Field(0.75, ge=0, le=1)
    maturity: int = Field(2000, ge=1)
    power: OrOff[float] = None
    order: Order = "lowest"
    value: float | Literal["hold"] = "hold"


class _Array(RecipePart):
    weights: Literal["ideal", "analogue", "digital"] = "analogue"
    device: str = "auto"
    encoding: EncodingName = "auto"
    bits: int = Field(2, ge=1, le=16)
    cells: int = Field(524_288, ge=1)


class _Readout(RecipePart):
    decision: Decision = "bayes"


class Recipe(BaseRecipe):
    """The fields of shi2018.toml, which explains them."""

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
    array = recipe.array
    digital = array.weights == "digital"
    name = array.device
    if name == "auto":
        name = "shi2018-cbram-binary" if digital else "shi2018-cbram"
    device = load(name).device
    return name, device.without("all") if array.weights == "ideal" else device


def rule_of(recipe: Recipe) -> SpikingRule:
    """Return what the network does with its array."""
    p = recipe.pruning
    pruning: Pruning | None = None
    if p.method != "none":
        schedule = Schedule(fraction=p.fraction, maturity=p.maturity, power=p.power, order=p.order)
        value = None if p.value == "hold" else p.value
        pruning = ConventionalPruning(schedule=schedule)
        if p.method == "soft":
            pruning = SoftPruning(schedule=schedule, value=value)
    return SpikingRule(stdp=recipe.stdp, input=recipe.input, wta=recipe.wta, pruning=pruning)


def build(recipe: Recipe, inputs: int) -> SpikingNetwork:
    """Return the untrained network of a recipe with this many inputs; InputError if it does not fit or cannot learn."""
    array, device = recipe.array, device_of(recipe)[1]
    name: EncodingName = "bits" if array.weights == "digital" else array.encoding
    return SpikingNetwork(
        device,
        inputs,
        recipe.network.neurons,
        rule_of(recipe),
        scheme=recipe.scheme,
        encoding=encoding_of(name, device, bits=array.bits, otherwise=SingleDevice()),
        chip=recipe.chip,
        budget=Budget(array.cells),
        seed=recipe.seed,
    )


def execute(recipe: Recipe, dataset: Dataset, session: Session) -> dict[str, Any]:
    """Train, label, test; write arrays, metrics and figures into the run folder; return the result."""
    images, labels = dataset.train_images, dataset.train_labels.astype(np.int64)
    held = recipe.data.validation
    check_held_back(dataset, held)
    check_labels(dataset)
    learning = slice(0, len(images) - held)
    mask = active_pixels(images[learning], fraction=recipe.data.min_active, threshold=recipe.data.threshold)
    inputs = InputMap(mask, 255.0)
    network = build(recipe, int(mask.sum()))
    shown, labels_shown = inputs(images[learning]), labels[learning]

    progress = _learn(recipe, network, shown, labels_shown, session)
    array = network.synapses.array
    if network.warning:
        session.console.print(f"Warning: {network.warning}.", highlight=False, markup=False, soft_wrap=True)
    learned = network.counts
    session.console.print("Labelling the neurons and testing ...")
    classes = int(max(labels.max(), dataset.test_labels.max())) + 1
    readout = label_neurons(network, shown, labels_shown, ClassReadout.empty(array.columns, classes))
    labelled = network.heard
    winners = network.respond(inputs(dataset.test_images))
    tested = network.heard - labelled

    def accuracy(spikes: NDArray[np.int32], truth: NDArray[Any], decision: Decision) -> float:
        return float((readout.predict(spikes, decision) == truth).mean())

    wear = Wear.of(array.writes)
    phases = {"learning": learned, "labelling": labelled, "test": tested}
    result: dict[str, Any] = {
        "accuracy": accuracy(winners, dataset.test_labels, recipe.readout.decision),
        "accuracy_vote": accuracy(winners, dataset.test_labels, "vote"),
        "pruned_fraction": float(1 - array.n_live.sum() / (array.rows * array.columns)),
        "pulses_up": learned.pulses_up,
        "pulses_down": learned.pulses_down,
        "pulses_per_cell": wear.mean,
        "pulses_per_cell_p99": wear.p99,
        "pulses_per_cell_max": wear.maximum,
        "images_shown": int(network.shown),
        "images_per_second": progress["images"] / progress["seconds"] if progress["seconds"] else 0.0,
        "train_seconds": progress["seconds"],
        "device": device_of(recipe)[0],
        "inputs": array.rows,
        "neurons": array.columns,
        "cells": int(array.g.size),
        "ledger": {phase: counts.as_dict() for phase, counts in phases.items()},
        **accounts.spiking(network, device_of(recipe)[0], phases).as_dict(),
    }
    if held:
        spikes = network.respond(inputs(images[-held:]))
        result["validation_accuracy"] = accuracy(spikes, labels[-held:], recipe.readout.decision)
        result["validation_accuracy_vote"] = accuracy(spikes, labels[-held:], "vote")
    if session.result_only:
        return result
    session.folder.write_npz(
        "arrays.npz",
        {
            "conductance": array.g,
            "writes": array.writes,
            "weights": array.weights,
            "live": array.live_mask,
            "bias": network.bias,
            "fired": network.fired,
            "neuron_class": readout.neuron_class,
            "class_spikes": readout.spikes,
            "mask": mask,
        },
    )
    _draw(recipe, dataset, network, readout, inputs, progress["rows"], session)
    return result


def estimate_seconds(recipe: Recipe, dataset: Dataset) -> float:
    """Return about how long a run takes on one core, without pruning, looks on the way and figures, s.

    The constants are nanoseconds on the machine of docs/performance.md.
    """
    images, pixels = dataset.train_images.shape
    inputs, spikes, reads = pixels / 2, recipe.wta.spikes, recipe.wta.presentations
    listen = inputs * 8 + spikes * (inputs * 0.4 + recipe.network.neurons * 4.2)
    weight = {"digital": 5.0 * recipe.array.bits}.get(
        recipe.array.weights, 16.0 if recipe.array.encoding == "pair" else 12.0
    )
    program = spikes * inputs * weight / recipe.stdp.every
    listened = max(images, min(50_000, images * reads)) + len(dataset.test_images) * reads
    return 2.0 + 1e-9 * (_epochs(recipe, images) * images * (listen + program) + listened * listen)


def _epochs(recipe: Recipe, images: int) -> int:
    """Return how often all images are shown: a small data set more often."""
    return max(recipe.training.epochs, -(-recipe.training.presentations // images))


def _learn(
    recipe: Recipe, network: SpikingNetwork, images: NDArray[np.uint8], labels: NDArray[np.int64], session: Session
) -> dict[str, Any]:
    """Learn with progress, checkpoints and looks at the accuracy; return seconds, images timed and metrics rows."""
    total = _epochs(recipe, len(images)) * len(images)
    meta: dict[str, Any] = {"seconds": 0.0, "rows": []}
    found = load_checkpoint(session.folder) if session.resume else None
    if found is not None:
        network.restore(found[0])
        meta = found[1]
    network.warm_up()
    evaluations = 0 if session.result_only else recipe.training.evaluations
    looks = np.linspace(0, total, evaluations + 1).round().astype(int)[1:].tolist()
    stops = sorted({*range(_SHOW_EVERY, total, _SHOW_EVERY), *looks, total})
    epoch, order = -1, np.empty(0, np.intp)
    with session.progress("learning", total, done=int(network.shown)) as advance:
        for stop in stops:
            began, first = time.perf_counter(), int(network.shown)
            while int(network.shown) < stop:
                at = int(network.shown)
                if at // len(images) != epoch:
                    epoch = at // len(images)
                    order = permutation(recipe.seed, len(images), epoch)
                part = order[at % len(images) : min(stop - epoch * len(images), len(images))]
                network.learn(images[part])
            if stop == first:
                continue
            meta["seconds"] += time.perf_counter() - began
            advance(stop - first)
            if stop in looks:
                meta["rows"].append(_look(network, images, labels, stop, len(images)))
                session.folder.write_metrics(meta["rows"])
            if not session.result_only:
                save_checkpoint(session.folder, network.arrays(), meta)
    return {**meta, "images": total}


def _look(
    network: SpikingNetwork, images: NDArray[np.uint8], labels: NDArray[np.int64], shown: int, size: int
) -> dict[str, Any]:
    """Return one row of the metrics: accuracy on training images, and the counts so far; the counts do not change."""
    n = min(_CURVE_IMAGES, size // 2)
    empty = ClassReadout.empty(network.synapses.columns, int(labels.max()) + 1)
    heard = network.synapses.heard.copy()
    readout = label_neurons(network, images[:n], labels[:n], empty)
    winners = network.respond(images[n : 2 * n])
    network.synapses.heard[:] = heard  # a look is no part of the run
    done = network.counts
    return {
        "images": shown,
        "epochs": shown / size,
        "train_accuracy": float((readout.predict(winners) == labels[n : 2 * n]).mean()),
        "pruned_fraction": float(1 - network.synapses.array.n_live.mean() / network.synapses.rows),
        "pulses_up": done.pulses_up,
        "pulses_down": done.pulses_down,
    }


def _draw(
    recipe: Recipe,
    dataset: Dataset,
    network: SpikingNetwork,
    readout: ClassReadout,
    inputs: InputMap,
    rows: list[dict[str, Any]],
    session: Session,
) -> None:
    from insitu.reports.spiking_figures import draw_all

    untrained = build(recipe, network.synapses.rows)
    draw_all(session.folder.figures, untrained, network, readout, inputs, dataset, rows)
