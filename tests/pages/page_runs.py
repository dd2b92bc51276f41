"""Run folders for the tests of the page, made without training."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from insitu.recipes import registry
from insitu.recipes.loading import resolve, to_toml
from insitu.reports.canvas import new_figure, save
from insitu.runs import RunFolder

RESULTS = {
    "shi2018": {
        "accuracy": 0.93,
        "pruned_fraction": 0.75,
        "inputs": 397,
        "neurons": 500,
        "pulses_up": 1000,
        "device": "shi2018-cbram",
        "cells": 198_500,
        "ledger": {"learning": {"pulses_up": 1000, "reads": 2_000_000}, "test": {"pulses_up": 0, "reads": 5}},
    },
    "yi2022": {
        "accuracy_two_layer_0.2": 0.97,
        "accuracy_one_layer_0.2": 0.91,
        "tiles": 4,
        "device": "yi2022-taox",
        "ledger": {"two_layer": {"learning": {"pulses_up": 7}}, "one_layer": {"learning": {"pulses_up": 8}}},
    },
    "cristiano2018": {"accuracy": 0.98, "float_accuracy": 0.981, "weights": 164_885, "ledger": {}},
}
DATA = {"shi2018": "mnist", "yi2022": "braille", "cristiano2018": "mnist"}


def make_run(
    out: Path, recipe: str = "shi2018", seed: int = 0, sets=(), name: str | None = None, **result
) -> RunFolder:
    """Return a finished run as a recipe would leave it; ``result`` changes its numbers."""
    carrier = registry.load_module(registry.module_name(recipe))
    table = to_toml(resolve(carrier.Recipe, registry.toml_text(recipe), [*sets, f"seed={seed}"]))
    data = DATA[recipe]
    manifest = {
        "recipe": recipe,
        "seed": seed,
        "dataset": {
            "name": data,
            "sha256": f"{data}-0123456789abcdef",
            "data_dir": None,
            "note": f"Data: all of {data}.",
        },
        "random_stream": 1,
        "versions": {"insitu": "0.1.0", "python": "3.11"},
        "platform": "a machine",
        "cores": 2,
        "started": "2026-11-22T20:55:10+00:00",
        "argv": ["insitu", "run", recipe],
    }
    folder = RunFolder.create(out, name or f"{recipe}-s{seed}", table, manifest, unique=True)
    writes = np.arange(2 * 5 * 7, dtype=np.uint32).reshape(2, 5, 7)
    folder.write_npz("arrays.npz", {"writes": writes, "weights": np.zeros((7, 5), np.float32)})
    figure = new_figure(3, 2)
    figure.subplots().plot([0, 1], [1, 0])
    save(figure, folder.figures / "accuracy.png")
    folder.write_json("result.json", {"recipe": recipe, "seed": seed, "dataset": data} | RESULTS[recipe] | result)
    return folder
