"""The second system: words in Braille, and digits, learned from the difference of two relaxations (Yi et al. 2022)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from threadpoolctl import threadpool_limits

from insitu.arrays.tiles import Tiles
from insitu.arrays.writing import IncrementalPulses, WriteVerify, Writing
from insitu.datasets import Dataset, braille
from insitu.devices.base import Device
from insitu.devices.library import load
from insitu.learning.activity_difference import ActivityDifference, Mode
from insitu.networks.energy import EnergyRule
from insitu.networks.hopfield import BinaryRule
from insitu.networks.units import Unit
from insitu.recipes.imperfect import unmodelled
from insitu.recipes.loading import BaseRecipe, RecipePart
from insitu.recipes.session import Session

SUMMARY = "words in Braille, or digits, by activity differences on tantalum-oxide crossbars (Yi et al. 2022)"

_METHODS = {
    "two_layer": "two layers",
    "one_layer": "one layer",
    "maximum_likelihood": "maximum likelihood",
    "pseudo_inverse": "pseudo-inverse, in software",
    "hebb": "Hebb, in software",
    "backpropagation": "backpropagation in software, written once",
}

#: overrides of --quick
QUICK = ("two_layer.updates=150", "one_layer.updates=75", "images.epochs=1")

#: rows of the table at the end of a run
LABELS = {
    f"accuracy_{key}_{p}": f"exact words, {words}, {100 * float(p):g} % of the dots flipped"
    for key, words in _METHODS.items()
    for p in ("0.1", "0.2", "0.3")
} | {
    "accuracy": "test images named correctly",
    "validation_accuracy": "held-back training images named correctly",
    "settling_steps": "updates of each layer until it settles, mean while learning",
    "unsettled_fraction": "tests that did not settle",
    "tiles": "crossbar tiles",
    "cells": "memory cells in use",
    "pulses_up": "up pulses on memory cells while learning",
    "pulses_down": "down pulses on memory cells while learning",
    "train_seconds": "time to train",
}

Probability = Annotated[float, Field(ge=0, le=1)]


class _Data(RecipePart):
    task: Literal["braille", "mnist"] = "braille"
    words: tuple[str, ...] = braille.NAMES
    cells: int = Field(10, ge=1, le=1000)
    flips: tuple[Probability, ...] = Field((0.1, 0.2, 0.3), min_length=1)
    erased: int = Field(0, ge=0)
    examples: int = Field(500, ge=1)
    validation: int = Field(0, ge=0)


class _Training(RecipePart):
    flips: tuple[Probability, Probability] = (0.1, 0.4)


class _TwoLayer(RecipePart):
    hidden: int = Field(32, ge=1)
    updates: int = Field(600, ge=1)
    batch: int = Field(180, ge=1)
    mode: Mode = "clamped"
    beta: float = 0.5
    rate: float = 1.0
    gain: float = 2.0
    initial: float = 0.3
    steps: int = 5
    test_steps: int = 20


class _OneLayer(RecipePart):
    updates: int = Field(300, ge=1)
    batch: int = Field(180, ge=1)
    rate: float = Field(0.2, ge=0, le=1000)
    drive: float = 1.0
    blocks: int = 5
    sweeps: int = 12
    hysteresis: tuple[float, float] = (0.0, 0.0)


class _Images(RecipePart):
    hidden: tuple[int, ...] = (512,)
    epochs: int = Field(15, ge=1, le=10_000)
    batch: int = Field(32, ge=1)
    shift: int = Field(1, ge=0, le=10)
    mode: Mode = "clamped"
    beta: float = 0.2
    rate: float = 0.3
    ratios: tuple[float, ...] = (2.0, 1.0)
    gain: float = 16.0
    initial: float = 0.06
    activation: Unit = "hard"
    output: Unit = "softmax"
    steps: int = 10
    nudged_steps: int = 5
    tolerance: float = 1e-3
    test_steps: int = 20


class _Write(RecipePart):
    method: Literal["verify", "pulses"] = "verify"
    dead_band: float | Literal["device"] = "device"
    tolerance: float = 0.05


class _Array(RecipePart):
    weights: Literal["ideal", "analogue"] = "analogue"
    device: str = "auto"
    tile_rows: int = Field(64, ge=1)
    tile_columns: int = Field(64, ge=1)


class Recipe(BaseRecipe):
    """The fields of yi2022.toml, which explains them."""

    data: _Data = _Data()
    training: _Training = _Training()
    two_layer: _TwoLayer = _TwoLayer()
    one_layer: _OneLayer = _OneLayer()
    images: _Images = _Images()
    write: _Write = _Write()
    array: _Array = _Array()


def own_data(recipe: Recipe) -> Dataset | None:
    """Return the words as a data set; None where the recipe wants images."""
    return braille.as_dataset(recipe.data.words, recipe.data.cells) if recipe.data.task == "braille" else None


def device_of(recipe: Recipe) -> tuple[str, Device]:
    """Return the name and the device that a recipe asks for, imperfections off if its weights are ideal."""
    name = "yi2022-taox" if recipe.array.device == "auto" else recipe.array.device
    device = load(name).device
    return name, device.without("all") if recipe.array.weights == "ideal" else device


def writing_of(recipe: Recipe) -> Writing:
    """Return how targets are written."""
    if recipe.write.method == "pulses":
        return IncrementalPulses()
    band = None if recipe.write.dead_band == "device" else recipe.write.dead_band
    return WriteVerify(dead_band=band, tolerance=recipe.write.tolerance)


def words_rule(recipe: Recipe) -> EnergyRule:
    """Return what the network of two layers does with its arrays."""
    p = recipe.two_layer
    return EnergyRule(
        learning=ActivityDifference(mode=p.mode, beta=p.beta, rate=p.rate),
        writing=writing_of(recipe),
        gain=p.gain,
        initial=p.initial,
        steps=p.steps,
    )


def images_rule(recipe: Recipe) -> EnergyRule:
    """Return what the network of images does with its arrays."""
    p = recipe.images
    return EnergyRule(
        learning=ActivityDifference(mode=p.mode, beta=p.beta, rate=p.rate),
        writing=writing_of(recipe),
        hidden=p.activation,
        output=p.output,
        gain=p.gain,
        initial=p.initial,
        ratios=p.ratios,
        steps=p.steps,
        nudged_steps=p.nudged_steps,
        tolerance=p.tolerance,
    )


def binary_rule(recipe: Recipe) -> BinaryRule:
    """Return how the units of the one layer settle."""
    p = recipe.one_layer
    return BinaryRule(blocks=p.blocks, sweeps=p.sweeps, drive=p.drive, hysteresis=p.hysteresis)


def tiles_of(recipe: Recipe) -> Tiles:
    """Return the tiles over which networks are laid."""
    return Tiles(rows=recipe.array.tile_rows, columns=recipe.array.tile_columns)


def execute(recipe: Recipe, dataset: Dataset, session: Session) -> dict[str, Any]:
    """Train, test, and leave arrays, metrics and figures in the run folder; return the result."""
    from insitu.recipes import yi2022_images, yi2022_words

    if note := unmodelled(device_of(recipe)[1], "retention"):
        session.console.print(note)
    with threadpool_limits(1, "blas"):  # products of this size gain nothing from threads, and lose where cores are busy
        if recipe.data.task == "braille":
            return yi2022_words.carry_out(recipe, session)
        return yi2022_images.carry_out(recipe, dataset, session)


def estimate_seconds(recipe: Recipe, dataset: Dataset) -> float:
    """Return about how long a run takes on one core, without figures, s."""
    p, images = recipe.images, dataset.train_images.shape
    if recipe.data.task == "braille":
        units = 6 * recipe.data.cells
        a, b = recipe.two_layer, recipe.one_layer
        passes = a.updates * a.batch * a.hidden * a.steps + b.updates * b.batch * units * b.sweeps
        return 2.0 + 1.2e-8 * passes
    weights = p.hidden[0] * images[1] + sum(x * y for x, y in zip(p.hidden, (*p.hidden[1:], 10), strict=True))
    steps = p.steps + 2 * p.nudged_steps
    return 2.0 + 1e-9 * p.epochs * images[0] * (0.1 * weights + 6 * sum(p.hidden) * steps + 3 * weights / p.batch)
