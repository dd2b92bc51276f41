"""A recipe for the tests: it learns a running mean of images and can be made to fail."""

from __future__ import annotations

import os
import time
from typing import Any, Literal

import numpy as np
from pydantic import Field

from insitu.errors import InputError
from insitu.recipes.loading import BaseRecipe, OrOff, RecipePart
from insitu.runs import load_checkpoint, save_checkpoint


class Learning(RecipePart):
    rate: float = Field(ge=0, le=1)
    noise_cv: OrOff[float] = None
    threshold: OrOff[float] = 0.5


class Array(RecipePart):
    device: str


class Recipe(BaseRecipe):
    steps: int = Field(gt=0)
    learning: Learning
    array: Array
    pause: float = 0.0
    trouble: Literal["none", "input", "late input", "bug", "death", "full"] = "none"
    trouble_seed: int = 0
    sizes: tuple[int, ...] = (1, 2)


def _trouble(kind: str) -> None:
    if kind in ("input", "late input"):
        raise InputError("neurons: too many\nfor this array")
    if kind == "bug":
        raise ZeroDivisionError("a bug")
    if kind == "full":
        raise OSError(28, "No space left on device", "figure.png")
    if kind == "death":
        os._exit(9)


def execute(recipe: Recipe, dataset, session) -> dict[str, Any]:
    troubled = recipe.trouble != "none" and recipe.trouble_seed == recipe.seed
    if troubled and recipe.trouble == "input":
        _trouble(recipe.trouble)
    state, first, rows = np.zeros(dataset.train_images.shape[1]), 0, []
    found = load_checkpoint(session.folder) if session.resume else None
    if found:
        state, first, rows = found[0]["state"], found[1]["step"], found[1]["rows"]
    print("chatter on standard output")
    with session.progress("learning", recipe.steps, done=first) as advance:
        for step in range(first, recipe.steps):
            image = dataset.train_images[(7 * recipe.seed + step) % len(dataset.train_images)]
            state = state + recipe.learning.rate * (image - state)
            rows.append({"step": step, "mean": state.mean()})
            if not session.result_only:
                session.folder.write_metrics(rows)
                save_checkpoint(session.folder, {"state": state}, {"step": step + 1, "rows": rows})
            advance(1)
            time.sleep(recipe.pause)
            if troubled:
                _trouble(recipe.trouble)
    if not session.result_only:
        session.folder.write_npz("arrays.npz", {"state": state})
        (session.folder.figures / "state.png").write_bytes(b"")
    return {"accuracy": np.float64(state.mean() / 255), "pulses_up": np.int64(1000 * recipe.steps), "seed": -1}
