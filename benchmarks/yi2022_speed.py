"""Speed of the second system, side by side with a plain PyTorch implementation of the same network and phases.

    python benchmarks/yi2022_speed.py [--quick] [--images 12800] [--json speed.json]

Words: the whole training of both networks on the noisy device, one seed. Images: batches of the network 784-512-10, on ideal
devices and on the noisy one, as seconds an epoch of 60,000; where torch (a CPU build is enough) is installed, the same
relaxations, clamped phase and update in PyTorch, without devices, ledger or noise. The best of three is given.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from machine import best
from rich.console import Console
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from insitu.networks.energy import EnergyNetwork
from insitu.recipes import registry, yi2022, yi2022_words
from insitu.recipes.loading import resolve
from insitu.recipes.session import Session
from insitu.recipes.yi2022_options import axes_of, device_of, energy_rule
from insitu.runs import RunFolder

EPOCH = 60_000


def words(sets: list[str]) -> float:
    """Return the seconds that both networks take to learn the words, kernels compiled before."""
    recipe = resolve(yi2022.Recipe, registry.toml_text("yi2022"), sets)
    device = device_of(recipe)[1]
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1, "blas"):
        session = Session(RunFolder(Path(folder)), Console(quiet=True), result_only=True)
        return best(lambda: yi2022_words.learn(recipe, device, session))


def data(count: int, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return embedded digits, enlarged, moved and with a frame, and their labels one-hot.

    They can be learned, as MNIST can: from what cannot, a network wants far more pulses.
    """
    images, labels = load_digits(return_X_y=True)
    side, rng = int(pixels**0.5), np.random.default_rng(0)
    times = side // 8
    large = np.kron(images.reshape(-1, 8, 8) / 16, np.ones((times, times)))
    some = rng.integers(0, len(images), count)
    x = np.zeros((count, side, side), np.float32)
    places = rng.integers(0, side - 8 * times + 1, (count, 2))
    for image, which, (row, column) in zip(x, some, places, strict=True):
        image[row : row + 8 * times, column : column + 8 * times] = large[which]
    return x.reshape(count, pixels), np.eye(10, dtype=np.float32)[labels[some]]


def ours(sets: list[str], x: np.ndarray, y: np.ndarray) -> float:
    """Return the seconds that learning the images once takes."""
    recipe = resolve(yi2022.Recipe, registry.toml_text("yi2022"), sets)
    sizes = (x.shape[1], *recipe.images.hidden, 10)
    network = EnergyNetwork(device_of(recipe)[1], sizes, energy_rule(recipe, recipe.images), **axes_of(recipe))
    batch = recipe.images.batch

    def once() -> None:
        for k in range(0, len(x), batch):
            network.learn(x[k : k + batch], y[k : k + batch])

    with threadpool_limits(1, "blas"):
        network.learn(x[:batch], y[:batch])  # compile, or load what is compiled
        return best(once)


def peer(sets: list[str], x: np.ndarray, y: np.ndarray) -> float | str:
    """Return the seconds of the same in PyTorch, or the sentence that says how to get it."""
    try:
        import torch
    except ImportError:
        return "PyTorch is not installed: pip install torch --index-url https://download.pytorch.org/whl/cpu"
    p = resolve(yi2022.Recipe, registry.toml_text("yi2022"), sets).images
    torch.set_num_threads(1)
    g1, g2 = p.gain / x.shape[1] ** 0.5, p.gain / p.hidden[0] ** 0.5
    w1, w2 = (p.initial * torch.randn(a + 1, b) for a, b in ((x.shape[1], p.hidden[0]), (p.hidden[0], 10)))
    images, labels = torch.from_numpy(x), torch.from_numpy(y)

    def relax(drive: Any, h: Any, o: Any, held: bool, steps: int) -> tuple[Any, Any]:
        for _ in range(steps):
            h_new = torch.clamp(drive + g2 * (o @ w2[:-1].T), 0, 1)
            o_new = o if held else torch.softmax(g2 * (h_new @ w2[:-1] + w2[-1]), 1)
            moved = max((h_new - h).abs().max(), (o_new - o).abs().max())
            h, o = h_new, o_new
            if moved <= p.tolerance:
                break
        return h, o

    def once() -> None:
        for k in range(0, len(x), p.batch):
            a, b = images[k : k + p.batch], labels[k : k + p.batch]
            drive = g1 * (a @ w1[:-1] + w1[-1])
            h, o = relax(drive, torch.zeros_like(drive), torch.full_like(b, 0.1), False, p.steps)
            hc, oc = relax(drive, h, b, True, p.nudged_steps)
            step = p.rate / len(a)
            w1[:-1] += p.ratios[0] * step * (a.T @ (hc - h))
            w1[-1] += p.ratios[0] * step * (hc - h).sum(0)
            w2[:-1] += p.ratios[1] * step * (hc.T @ oc - h.T @ o)
            w2[-1] += p.ratios[1] * step * (oc - o).sum(0)
            w1.clamp_(-1, 1)
            w2.clamp_(-1, 1)

    with torch.no_grad():
        once()
        return best(once)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small networks: it shows that the benchmark works")
    parser.add_argument("--images", type=int, default=6400, help="images of each measurement (6400)")
    parser.add_argument("--json", type=Path, help="file for all numbers")
    given = parser.parse_args()
    count = 320 if given.quick else given.images
    sets = ["images.hidden=[32]"] if given.quick else []
    x, y = data(count, 64 if given.quick else 784)
    few = ["two_layer.updates=20", "one_layer.updates=10"] if given.quick else []
    found: dict[str, Any] = {"words_seconds": words(few), "images": count}
    print(f"words, both networks on the noisy device: {found['words_seconds']:.2f} s")
    for name, more in (("ideal", ["array.weights=ideal"]), ("noisy", []), ("pulses", ["scheme.name=mixed-precision"])):
        seconds = ours([*sets, *more], x, y) * EPOCH / count
        found[f"{name}_epoch_seconds"] = seconds
        print(f"images, {name} devices: {seconds:.1f} s an epoch of {EPOCH:,}")
    other = peer(sets, x, y)
    if isinstance(other, str):
        found["peer"] = other
        print(other)
    else:
        found["peer_epoch_seconds"] = other * EPOCH / count
        found["ratio"] = found["peer_epoch_seconds"] / found["ideal_epoch_seconds"]
        print(f"images, PyTorch without devices: {found['peer_epoch_seconds']:.1f} s, {found['ratio']:.2f} times ours")
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
