"""Digits by activity differences: the same network and rule as the words, on images."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.datasets import Dataset
from insitu.ledger import Counts, Wear
from insitu.ledger.usage import Accounts
from insitu.networks.energy import RESTLESS, EnergyNetwork
from insitu.networks.units import Floats
from insitu.random import Stream, permutation, uniform
from insitu.recipes.accounts import heard_counts, layer_counts, relaxing, saved, settling_work
from insitu.recipes.session import Session
from insitu.recipes.split import check_held_back
from insitu.recipes.yi2022_options import Recipe, axes_of, device_of, images_rule, tiles_of
from insitu.runs import load_checkpoint, save_checkpoint


def carry_out(recipe: Recipe, dataset: Dataset, session: Session) -> dict[str, Any]:
    """Train, test, draw; return the result."""
    p, held = recipe.images, recipe.data.validation
    images = dataset.train_images.astype(np.float32) / np.float32(255)
    labels = dataset.train_labels.astype(np.int64)
    check_held_back(dataset, held)
    name, device = device_of(recipe)
    classes = int(max(labels.max(), dataset.test_labels.max())) + 1
    sizes = (images.shape[1], *p.hidden, classes)
    network = EnergyNetwork(device, sizes, images_rule(recipe), seed=recipe.seed, **axes_of(recipe))
    shown = slice(0, len(images) - held)
    progress = _learn(recipe, network, images[shown], labels[shown], dataset.shape, classes, session)
    if network.warning:
        session.console.print(f"Warning: {network.warning}.", highlight=False, markup=False, soft_wrap=True)
    learned = layer_counts(network, "")
    test = dataset.test_images.astype(np.float32) / np.float32(255)
    outputs, moved = network.respond(test, p.test_steps)
    phases = {
        "learning": learned,
        "test": heard_counts(network, ""),
    }
    updates = dict.fromkeys(learned, -(-progress["images"] // p.batch))
    usages, worn = relaxing(dict(zip(learned, network.layers, strict=True)), phases, name, updates)
    work = settling_work(usages, batch=p.batch, updates=updates, signed=False)
    up, down = (sum(getattr(counts, way) for counts in learned.values()) for way in ("pulses_up", "pulses_down"))
    arrays = [layer.array for layer in network.layers]
    wear = Wear.of(np.concatenate([array.writes.ravel() for array in arrays]))
    tiles = tiles_of(recipe)
    result: dict[str, Any] = {
        "accuracy": float((outputs.argmax(axis=1) == dataset.test_labels).mean()),
        "settling_steps": progress["steps"],
        "unsettled_fraction": float((moved > RESTLESS).mean()),
        "pulses_up": up,
        "pulses_down": down,
        "pulses_per_cell": wear.mean,
        "pulses_per_cell_max": wear.maximum,
        "images_per_second": progress["images"] / progress["seconds"],
        "images_shown": progress["images"],
        "epoch_seconds": progress["seconds"] / p.epochs,
        "train_seconds": progress["seconds"],
        "device": name,
        "cells": sum(int(array.g.size) for array in arrays),
        "tiles": tiles.count(*arrays),
        "layout": [tiles.describe(array) for array in arrays],
        "ledger": {phase: sum(parts.values(), Counts()).as_dict() for phase, parts in phases.items()},
        **Accounts(tuple(usages), tuple(worn), {"network": work}).as_dict(),
    }
    if held:
        outputs, _ = network.respond(images[-held:], p.test_steps)
        result["validation_accuracy"] = float((outputs.argmax(axis=1) == labels[-held:]).mean())
    if not session.result_only:
        session.folder.write_npz("arrays.npz", saved({f"{n}.": layer for n, layer in enumerate(network.layers)}))
        from insitu.reports.energy_figures import draw_images

        draw_images(session.folder.figures, network, test, progress["rows"])
    return result


def _learn(
    recipe: Recipe,
    network: EnergyNetwork,
    images: Floats,
    labels: NDArray[np.int64],
    shape: tuple[int, int],
    classes: int,
    session: Session,
) -> dict[str, Any]:
    """Learn epoch by epoch with progress, checkpoints and looks; return seconds, images, mean steps and metrics rows."""
    p, eye = recipe.images, np.eye(classes, dtype=np.float32)
    each = -(-len(images) // p.batch)
    total = p.epochs * each
    meta: dict[str, Any] = {"epoch": 0, "seconds": 0.0, "steps": 0, "rows": []}
    found = load_checkpoint(session.folder) if session.resume else None
    if found is not None:
        network.restore(found[0])
        meta = found[1]
    with session.progress("learning", total, unit="batches", done=meta["epoch"] * each) as advance:
        for epoch in range(meta["epoch"], p.epochs):
            order, wrong = permutation(recipe.seed, len(images), epoch), 0
            began = time.perf_counter()
            for k in range(each):
                part = order[k * p.batch : (k + 1) * p.batch]
                rate = p.rate * (1 - (epoch * each + k) / total)
                x = shifted(images[part], shape, p.shift, recipe.seed, epoch * each + k)
                done = network.learn(x, eye[labels[part]], rate)
                wrong += int((done[0].states[-1].argmax(axis=1) != labels[part]).sum())
                meta["steps"] += sum(one.steps for one in done)
                advance(1)
            meta["seconds"] += time.perf_counter() - began
            meta["epoch"] = epoch + 1
            if session.result_only:
                continue
            counts = network.counts
            row = {
                "epoch": epoch + 1,
                "train_error": wrong / len(images),
                "pulses": counts.pulses,
                "reads": counts.reads,
            }
            meta["rows"].append(row)
            session.folder.write_metrics(meta["rows"])
            save_checkpoint(session.folder, network.arrays(), meta)
    return {**meta, "images": p.epochs * len(images), "steps": meta["steps"] / total}


def shifted(images: Floats, shape: tuple[int, int], most: int, seed: int, batch: int) -> Floats:
    """Return images (n, pixels) moved together by up to ``most`` pixels each way; what leaves comes back opposite."""
    if not most:
        return images
    u = uniform(seed, Stream.CORRUPT, 2, batch)
    down, right = (np.floor(u * (2 * most + 1)).astype(int) - most).tolist()
    moved = np.roll(images.reshape(-1, *shape), (down, right), axis=(1, 2))
    return moved.reshape(images.shape)
