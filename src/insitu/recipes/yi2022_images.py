"""Digits by activity differences: the same network and rule as the words, on images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.datasets import Dataset
from insitu.datasets.dataset import Shape
from insitu.devices.base import Device
from insitu.networks.energy import RESTLESS, EnergyNetwork
from insitu.random import Stream, uniform
from insitu.recipes.accounts import ledger_of, relaxing, saved
from insitu.recipes.model import Model, pixels, restored
from insitu.recipes.session import Session
from insitu.recipes.split import split, tested_on
from insitu.recipes.storage import stored
from insitu.recipes.training import SHOW_EVERY, Look, Meter, Shuffled, train
from insitu.recipes.yi2022_options import Recipe, axes_of, device_of, energy_rule
from insitu.runs import RunFolder


def carry_out(recipe: Recipe, dataset: Dataset, session: Session) -> dict[str, Any]:
    """Train, test, draw; return the result."""
    p = recipe.images
    (images, labels), kept, test = ((_intensities(x), y) for x, y in split(dataset, recipe.data.validation))
    name, device = device_of(recipe)
    network = _build(recipe, device, images.shape[1], dataset.classes)
    meter = _learn(recipe, network, images, labels, dataset.shape, session)
    session.warn(network.warning)
    outputs, moved = network.respond(test[0], p.test_steps)
    layers = {f"layer {n}": layer for n, layer in enumerate(network.layers, 1)}
    batches = p.epochs * -(-len(images) // p.batch)
    result: dict[str, Any] = {
        "accuracy": float((outputs.argmax(axis=1) == test[1]).mean()),
        "settling_steps": meter.notes["steps"] / batches,
        "unsettled_fraction": float((moved > RESTLESS).mean()),
        "images_per_second": network.shown / meter.seconds,
        "images_shown": network.shown,
        "epoch_seconds": meter.seconds / p.epochs,
        "train_seconds": meter.seconds,
        "ledger": ledger_of(layers),
        **relaxing(layers, name, {"": batches}, {"": p.batch}, signed=False),
    }
    if len(kept[0]):
        result["validation_accuracy"] = _named(network, kept, p.test_steps)
    result |= {"example": dataset.example, "tested": tested_on(result, len(test[1]), len(kept[1]))}
    if not session.result_only:
        arrays = saved({f"{n}.": layer for n, layer in enumerate(network.layers)})
        session.folder.write_npz("arrays.npz", arrays | {"sizes": np.array(network.sizes)})
        from insitu.reports.energy_figures import draw_images

        with session.drawing():
            draw_images(session.folder.figures, network, test[0], meter.rows, dataset.example)
    return result | stored(session.then_age, [network], lambda: {"accuracy": _named(network, test, p.test_steps)})


def _named(network: EnergyNetwork, asked: tuple[Floats, NDArray[np.int64]], steps: int) -> float:
    """Return the fraction of images named correctly."""
    return float((network.respond(asked[0], steps)[0].argmax(axis=1) == asked[1]).mean())


def _intensities(images: NDArray[Any]) -> Floats:
    """Return pixels from 0 to 255 as numbers from 0 to 1."""
    return images.astype(np.float32) / np.float32(255)


def _build(recipe: Recipe, device: Device, inputs: int, classes: int) -> EnergyNetwork:
    """Return the untrained network of a recipe."""
    sizes = (inputs, *recipe.images.hidden, classes)
    return EnergyNetwork(device, sizes, energy_rule(recipe, recipe.images), seed=recipe.seed, **axes_of(recipe))


def model(recipe: Recipe, folder: RunFolder) -> Model:
    """Return the network of a finished run, which names digits."""
    sizes = folder.read_npz("arrays.npz")["sizes"].tolist()
    network = _build(recipe, device_of(recipe)[1], sizes[0], sizes[-1])

    def predict(X: Any) -> NDArray[Any]:
        outputs, _ = network.respond(_intensities(pixels(X, sizes[0])), recipe.images.test_steps)
        return np.asarray(outputs.argmax(axis=1))

    return restored(network, folder, predict)


def _learn(
    recipe: Recipe,
    network: EnergyNetwork,
    images: Floats,
    labels: NDArray[np.int64],
    shape: Shape,
    session: Session,
) -> Meter:
    """Learn batch by batch; the notes are the updates of a layer so far, and the wrong answers of this epoch."""
    p, size = recipe.images, len(images)
    eye = np.eye(network.sizes[-1], dtype=np.float32)
    each = -(-size // p.batch)
    shuffled = Shuffled(recipe.seed, size)

    def learn(first: int, stop: int, meter: Meter) -> None:
        for epoch, part in shuffled.parts(first, stop):
            k = epoch * each + first % size // p.batch
            for begin in range(0, len(part), p.batch):
                batch = part[begin : begin + p.batch]
                x = shifted(images[batch], shape, p.shift, recipe.seed, k)
                done = network.learn(x, eye[labels[batch]], p.rate * (1 - k / (p.epochs * each)))
                meter.notes["wrong"] += int((done[0].states[-1].argmax(axis=1) != labels[batch]).sum())
                meter.notes["steps"] += sum(one.steps for one in done)
                k += 1

    def look(stop: int, meter: Meter) -> Look:
        if stop % size:
            return None, ""
        counts, wrong = network.counts, meter.notes["wrong"]
        meter.notes["wrong"] = 0
        row = {"epoch": stop // size, "train_error": wrong / size, "pulses": counts.pulses, "reads": counts.reads}
        return row, ""

    looks = range(0, size, max(p.batch, SHOW_EVERY // p.batch * p.batch))  # whole batches, from the start of an epoch
    stops = {size * epoch + look for epoch in range(p.epochs) for look in looks} | {size * p.epochs}
    return train(network, session, stops - {0}, learn, look, meter=Meter(notes={"steps": 0, "wrong": 0}))


def shifted(images: Floats, shape: Shape, most: int, seed: int, batch: int) -> Floats:
    """Return images (n, pixels) moved together by up to ``most`` pixels each way; what leaves comes back opposite.

    Rows of a table are left as they are.
    """
    if not most or shape is None:
        return images
    u = uniform(seed, Stream.CORRUPT, 2, batch)
    down, right = (np.floor(u * (2 * most + 1)).astype(int) - most).tolist()
    moved = np.roll(images.reshape(-1, *shape), (down, right), axis=(1, -1))
    return moved.reshape(images.shape)
