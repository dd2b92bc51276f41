"""The second system: words in Braille, and digits, learned from the difference of two relaxations (Yi et al. 2022)."""

from __future__ import annotations

import itertools
from typing import Any

from insitu.datasets import Dataset, braille
from insitu.devices.base import Device
from insitu.kernels.threads import one_blas_thread
from insitu.recipes import yi2022_images, yi2022_words
from insitu.recipes.model import Model
from insitu.recipes.session import Session
from insitu.recipes.yi2022_options import Recipe, device_of
from insitu.runs import RunFolder

__all__ = ["Recipe", "devices", "estimate_seconds", "execute", "model", "own_data"]


def own_data(recipe: Recipe) -> Dataset | None:
    """Return the words as a data set; None where the recipe wants images."""
    return braille.as_dataset(recipe.data.words, recipe.data.cells) if recipe.data.task == "braille" else None


def devices(recipe: Recipe) -> list[tuple[str, Device]]:
    """Return the device of the cells with its name."""
    return [device_of(recipe)]


def execute(recipe: Recipe, dataset: Dataset, session: Session) -> dict[str, Any]:
    """Train, test, and leave arrays, metrics and figures in the run folder; return the result."""
    with one_blas_thread():  # products of this size gain nothing from threads, and lose where cores are busy
        if recipe.data.task == "braille":
            return yi2022_words.carry_out(recipe, session)
        return yi2022_images.carry_out(recipe, dataset, session)


def model(recipe: Recipe, folder: RunFolder) -> Model:
    """Return the network of a finished run, which names new images, or distorted words."""
    return (yi2022_words.model if recipe.data.task == "braille" else yi2022_images.model)(recipe, folder)


def estimate_seconds(recipe: Recipe, dataset: Dataset) -> float:
    """Return about how long a run takes on one core, without figures, s."""
    p, images = recipe.images, len(dataset.train_images)
    if recipe.data.task == "braille":
        units = 6 * recipe.data.cells
        a, b = recipe.two_layer, recipe.one_layer
        passes = a.updates * a.batch * a.hidden * a.steps + b.updates * b.batch * units * b.sweeps
        return 2.0 + 1.2e-8 * passes
    sizes = (dataset.train_images.size // images, *p.hidden, 10)
    weights = sum(x * y for x, y in itertools.pairwise(sizes))
    steps = p.steps + 2 * p.nudged_steps
    return 2.0 + 1e-9 * p.epochs * images * (0.1 * weights + 6 * sum(p.hidden) * steps + 3 * weights / p.batch)
