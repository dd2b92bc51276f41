"""The third system: backpropagation on phase-change pairs and capacitor cells (Cristiano et al. 2018)."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.datasets import Dataset
from insitu.learning.backprop import Backpropagation, FeedbackAlignment, Neurons
from insitu.ledger import Counts, Wear
from insitu.networks.perceptron import Perceptron
from insitu.networks.twin import float_twin
from insitu.recipes import accounts
from insitu.recipes.cristiano2018_options import Recipe, cell_of, scheme_of
from insitu.recipes.cristiano2018_options import devices as devices
from insitu.recipes.cristiano2018_options import idle as idle
from insitu.recipes.model import Model, pixels, restored
from insitu.recipes.session import Session
from insitu.recipes.split import Asked, check_labels, split, tested_on
from insitu.recipes.storage import stored
from insitu.recipes.training import SHOW_EVERY, Look, Meter, Shuffled, train
from insitu.runs import RunFolder
from insitu.schemes import Agad, FastArray, MixedPrecision, Scheme, TikiTaka, WriteVerify

#: how much longer than blind pulses a scheme takes an image, in the fourth pass over 6,000 images, one thread
_SLOWER: dict[type[Scheme], float] = {MixedPrecision: 2.6, TikiTaka: 4.6, Agad: 4.8, WriteVerify: 4.0}
_ASKED = 16_000  #: images over which the pulses asked of a weight are counted: two transfer intervals, as in the paper


def build(recipe: Recipe, inputs: int, classes: int) -> Perceptron:
    """Return the untrained network of a recipe; InputError if something does not fit."""
    return Perceptron(
        None, encoding=cell_of(recipe), scheme=scheme_of(recipe), chip=recipe.chip, **_wired(recipe, inputs, classes)
    )


def build_twin(recipe: Recipe, inputs: int, classes: int) -> Perceptron:
    """Return the same network in floating point: same initial weights, same order of images."""
    wired = _wired(recipe, inputs, classes)
    return Perceptron(**float_twin(), **wired | {"neurons": replace(wired["neurons"], segments=None)})


def _wired(recipe: Recipe, inputs: int, classes: int) -> dict[str, Any]:
    """Return what is wired to what, whatever holds the weights."""
    network = recipe.network
    return {
        "sizes": (inputs, *network.hidden, classes),
        "neurons": Neurons(function=network.function, segments=network.segments, loss=network.loss),
        "feedback": FeedbackAlignment() if network.feedback == "alignment" else Backpropagation(),
        "seed": recipe.seed,
    }


def execute(recipe: Recipe, dataset: Dataset, session: Session) -> dict[str, Any]:
    """Train, test; write arrays, metrics and figures into the run folder; return the result."""
    shown, *others = split(dataset, recipe.data.validation)  # as they are: they are cropped as they are learned
    check_labels(dataset)
    crop = crops(recipe, dataset)
    kept, test = ((cropped(images, crop), labels) for images, labels in others)
    inputs = test[0].shape[1]
    network = build(recipe, inputs, dataset.classes)
    with ThreadPoolExecutor(1) as beside:  # the kernels release the interpreter, so the twin has a core of its own
        twin = build_twin(recipe, inputs, dataset.classes) if recipe.training.twin else None
        soon = beside.submit(_follow, recipe, twin, shown, crop) if twin is not None else None
        meter = _learn(recipe, network, shown, kept, session, crop)
        if soon is not None and not soon.done():
            session.console.print("Waiting for the floating-point twin ...")
        curve = soon.result() if soon is not None else []
    session.warn(network.warning)
    answers = _answers(network, test[0])
    named = {"accuracy": float((answers == test[1]).mean()), "float_accuracy": _named(twin, test)}
    result = named | _account(recipe, network, meter)
    if len(kept[0]):
        result["validation_accuracy"] = _named(network, kept)
        if twin is not None:
            result["float_validation_accuracy"] = _named(twin, kept)
    result |= {"example": dataset.example, "tested": tested_on(result, len(test[1]), len(kept[1]))}
    if not session.result_only:
        session.folder.write_npz("arrays.npz", _arrays(recipe, network, dataset))
        from insitu.reports.perceptron_figures import Answers, draw_all

        tested = Answers(test[0], (22, 24) if crop else dataset.picture, test[1], answers, dataset.called)
        with session.drawing():
            draw_all(session.folder.figures, network, meter.rows, curve, tested)
    return result | stored(session.then_age, [network], lambda: {"accuracy": _share(network, test)})


def _follow(recipe: Recipe, twin: Perceptron, shown: Asked, crop: bool) -> list[float]:
    """Teach the twin the same images in the same order; return the fraction named before learning, by epoch."""
    images, labels = shown
    shuffled, curve = Shuffled(recipe.seed, len(images)), []
    for begin in range(0, recipe.training.epochs * len(images), len(images)):
        hits = 0
        for first in range(begin, begin + len(images), SHOW_EVERY):  # copies of a part, not of all images
            for epoch, part in shuffled.parts(first, min(first + SHOW_EVERY, begin + len(images))):
                hits += twin.learn(cropped(images[part], crop), labels[part], _rate(recipe, epoch), 1 / 255)
        curve.append(hits / len(images))
    return curve


def _answers(network: Perceptron, images: NDArray[Any]) -> NDArray[np.intp]:
    """Return what cropped images (n, inputs) show, (n,), to a network."""
    return np.asarray(network.respond(images, 1 / 255).argmax(axis=1))


def _share(network: Perceptron, asked: Asked) -> float:
    """Return the fraction of images named correctly."""
    return float((_answers(network, asked[0]) == asked[1]).mean())


def _named(network: Perceptron | None, asked: Asked) -> float | None:
    """Return the fraction of images named correctly; None without a network."""
    return None if network is None else _share(network, asked)


def _account(recipe: Recipe, network: Perceptron, meter: Meter) -> dict[str, Any]:
    """Return all of the result that is no accuracy."""
    learned, images, how = network.counts, network.shown, network.layers[0].scheme.transfer
    transfers = images // how.every if how is not None and len(network.layers[0].levels) > 1 else 0
    wear = Wear.of(np.concatenate([layer.levels[0].writes.ravel() for layer in network.layers]))
    return {
        "images_per_second": images / meter.seconds if meter.seconds else 0.0,
        "images_per_second_first": meter.notes["first_rate"],
        "pulses_per_image": sum(row["pulses"] for row in meter.rows) / max(images, 1),
        **meter.notes["asked"],
        "transfers": transfers,
        "cells_reset": learned.resets,
        "missed_fraction": learned.missed / max(learned.tuned, 1),
        "clipped_fraction": network.clipped_fraction,
        "cut_fraction": network.cut_fraction,
        "msp_writes_per_cell": wear.mean,
        "msp_writes_per_cell_p99": wear.p99,
        "msp_writes_per_cell_max": wear.maximum,
        "train_seconds": meter.seconds,
        "weights": int(sum(layer.values.size for layer in network.layers)),
        "lsp_cells": sum(level.g.size for layer in network.layers for level in layer.levels[-recipe.cell.tiles :]),
        "ledger": {"learning": learned.as_dict()},
        **accounts.chip_of({str(n): layer for n, layer in enumerate(network.layers)}),
        **accounts.perceptron(network, _device_names(recipe), transfers).as_dict(),
    }


def _arrays(recipe: Recipe, network: Perceptron, dataset: Dataset) -> dict[str, NDArray[Any]]:
    """Return what arrays.npz holds; ``sizes`` are features, inputs, and neurons of each layer."""
    names = [name.lower().replace(" ", "_") for name in _device_names(recipe)]
    sizes = [dataset.test_images.shape[1], network.layers[0].inputs, *(layer.columns for layer in network.layers)]
    arrays: dict[str, NDArray[Any]] = {"sizes": np.array(sizes)}
    for n, layer in enumerate(network.layers):
        arrays[f"weights_{n}"] = layer.values
        own = names if len(layer.levels) > 1 else ("cell", *names[1:])
        for array, name in zip(layer.arrays_of_cells, own, strict=True):
            arrays[f"{name}_conductance_{n}"], arrays[f"{name}_writes_{n}"] = array.g, array.writes
    return arrays


def model(recipe: Recipe, folder: RunFolder) -> Model:
    """Return the network of a finished run, which names digits."""
    image, first, *_, last = folder.read_npz("arrays.npz")["sizes"].tolist()
    network = build(recipe, first, last)

    def predict(X: Any) -> NDArray[Any]:
        return _answers(network, cropped(pixels(X, image), first != image))

    return restored(network, folder, predict)


def _device_names(recipe: Recipe) -> dict[str, str]:
    """Return the name of the device of each array of a layer."""
    names = {"MSP": recipe.msp.device} if recipe.cell.parts != "lsp" else {}
    tiles = recipe.cell.tiles if recipe.cell.parts != "msp" else 0
    names |= {f"LSP {n}" if n > 1 else "LSP": recipe.lsp.device for n in range(tiles, 0, -1)}
    return names | ({"fast": list(names.values())[-1]} if isinstance(recipe.scheme, FastArray) else {})


def estimate_seconds(recipe: Recipe, dataset: Dataset) -> float:
    """Return about how long a run takes on two cores, without figures, s; constants of docs/performance.md."""
    inputs = cropped(dataset.train_images[:1], crops(recipe, dataset)).size
    weights = sum((n + 1) * k for n, k in itertools.pairwise((inputs, *recipe.network.hidden, 10)))
    images = recipe.training.epochs * len(dataset.train_images)
    rates = sum(_rate(recipe, epoch) / (1 + 1.2 * epoch) for epoch in range(recipe.training.epochs))  # errors get fewer
    pulses, transfers = 4.4 * rates * weights * len(dataset.train_images), images / (recipe.transfer.every or np.inf)
    if recipe.scheme.exact:
        pulses, transfers = 0.0, 0.0
    slower = _SLOWER.get(type(recipe.scheme), 1.0)
    return 3.0 + 1e-9 * (
        images * (10_000 + 0.1 * weights) * slower
        + pulses * 10
        + transfers * weights * (200 if recipe.transfer.residual is None else 2500)
    )


def _rate(recipe: Recipe, epoch: int) -> float:
    return float(recipe.training.rate * recipe.training.decay**epoch)


def crops(recipe: Recipe, dataset: Dataset) -> bool:
    """Return whether images are cropped: those of 28 x 28 pixels, if the recipe says so."""
    return recipe.data.crop and dataset.shape == (28, 28)


def cropped(images: NDArray[Any], crop: bool) -> NDArray[Any]:
    """Return images as they are; to ``crop`` are those of 28 x 28 pixels: 3 rows above and below, 2 columns on each side."""
    if not crop:
        return images
    kept = np.empty((len(images), 22, 24), images.dtype)
    kept[:] = images.reshape(-1, 28, 28)[:, 3:25, 2:26]
    return kept.reshape(len(images), 22 * 24)


def _learn(recipe: Recipe, network: Perceptron, shown: Asked, kept: Asked, session: Session, crop: bool) -> Meter:
    """Learn epoch by epoch; the notes are the pulses asked of a weight and the rate of the first epoch."""
    images, labels = shown
    size, total = len(images), recipe.training.epochs * len(images)
    shuffled = Shuffled(recipe.seed, size)
    ends = range(size, total + 1, size)

    def learn(first: int, stop: int, meter: Meter) -> None:
        for epoch, part in shuffled.parts(first, stop):
            pixels = cropped(images[part], crop)
            meter.notes["hits"] += network.learn(pixels, labels[part], _rate(recipe, epoch), 1 / 255)

    def look(stop: int, meter: Meter) -> Look:
        notes = meter.notes
        if stop == _ASKED:
            notes["asked"] = _asked(network)
        if stop not in ends:
            return None, notes["note"]
        row: dict[str, Any] = {
            "epoch": stop // size,
            "images": stop,
            "online_accuracy": notes["hits"] / size,
            "pulses": _pulses(network) - notes["before"],
            "cells_reset": network.counts.resets,
            "seconds": meter.seconds,
        }
        if len(kept[0]):  # looking does not change the counts
            row["validation_accuracy"] = _named(network, kept)
        seen = row.get("validation_accuracy", row["online_accuracy"])
        notes["note"] = f"{'validation' if len(kept[0]) else 'named before learning'} {100 * seen:.1f} %"
        notes |= {"hits": 0, "before": _pulses(network), "first_rate": notes["first_rate"] or stop / meter.seconds}
        return row, notes["note"]

    stops = {*range(SHOW_EVERY, total, SHOW_EVERY), *([_ASKED] if total >= _ASKED else []), *ends}
    start = Meter(notes={"asked": {}, "first_rate": 0.0, "hits": 0, "before": 0, "note": ""})
    return train(network, session, stops, learn, look, meter=start)


def _pulses(network: Perceptron) -> int:
    """Return the pulses of training so far: on the least significant arrays, and the fast ones of a scheme that has them."""
    return sum(Counts.of(layer.array.counts).pulses for layer in network.layers)


def _asked(network: Perceptron) -> dict[str, float]:
    """Return how many pulses the weights were asked for: median, 99th percentile and maximum of those asked at all."""
    asked = np.concatenate([layer.array.writes[0].ravel() for layer in network.layers])
    asked = asked[asked > 0] if asked.any() else asked
    return {
        "pulses_asked_p50": float(np.median(asked)),
        "pulses_asked_p99": float(np.percentile(asked, 99)),
        "pulses_asked_max": float(asked.max()),
    }
