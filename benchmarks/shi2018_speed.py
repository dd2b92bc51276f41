"""How fast the spiking network trains, beside BindsNET's DiehlAndCook2015 on the same images, in one run.

    python benchmarks/shi2018_speed.py [--data-dir FOLDER] [--repeats 3] [--peer-images 30] [--quick] [--warm]

Ours: the recipe shi2018 as it is (three epochs of MNIST, 500 neurons, analogue cells with c2c and d2d noise, 75 % of the
weights soft-pruned), and the same without pruning. The peer: as many neurons and the settings of BindsNET's own MNIST
example (250 ms an image), on some of the same images. The two are different networks with the same task; what is compared
is how many images a second each learns from. Medians; run it when nothing else runs.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from machine import load, peak_megabytes, say_if_busy
from numpy.typing import NDArray

from insitu import datasets
from insitu.datasets import Dataset
from insitu.networks.inputs import InputMap, active_pixels
from insitu.random import permutation
from insitu.recipes import registry, shi2018
from insitu.recipes.loading import resolve
from insitu.runs.manifest import cores

PEER_MS = 250  #: how long BindsNET's example shows an image
OUR_MS = resolve(shi2018.Recipe, registry.toml_text("shi2018")).input.presentation_ms

#: in a process of its own, with empty caches: the first training ever on a machine, one image
FIRST_EVER = """
import time
began = time.perf_counter()
import numpy as np
from insitu.recipes import registry, shi2018
from insitu.recipes.loading import resolve
network = shi2018.build(resolve(shi2018.Recipe, registry.toml_text("shi2018")), 397, 60_000)
image = np.full((1, 397), 255, np.uint8)
network.learn(image)
network.respond(image)
print(time.perf_counter() - began)
"""


def first_ever_seconds(*, cold: bool) -> float:
    """Return the time from the start of Python's imports to the first image learned and recognised, in a new process.

    Parameters
    ----------
    cold : whether the caches of compiled kernels are empty.
    """
    with tempfile.TemporaryDirectory() as empty:
        caches = {"INSITU_CACHE": empty, "NUMBA_CACHE_DIR": empty} if cold else {}
        command = [sys.executable, "-c", FIRST_EVER]
        done = subprocess.run(command, env=os.environ | caches, stdout=subprocess.PIPE, check=True, text=True)
    return float(done.stdout)


def train(images: NDArray[np.uint8], overrides: list[str]) -> dict[str, float]:
    """Train once, as the recipe does but without labels, test and disk; return seconds, images and pulses."""
    recipe = resolve(shi2018.Recipe, registry.toml_text("shi2018"), overrides)
    network = shi2018.build(recipe, images.shape[1], len(images))
    network.learn(images[:1])  # loads the kernels
    shown, before = network.shown, network.counts
    began = time.perf_counter()
    for epoch in range(recipe.training.epochs):
        network.learn(images[permutation(recipe.seed, len(images), epoch)])
    seconds = time.perf_counter() - began
    pulses = (network.counts - before).pulses
    return {"seconds": seconds, "images": network.shown - shown, "pulses": pulses}


def ours(dataset: Dataset, overrides: list[str], repeats: int) -> dict[str, float]:
    """Return the median of several trainings."""
    mask = active_pixels(dataset.train_images)
    images = InputMap(mask, 255.0)(dataset.train_images)
    runs = [train(images, overrides) for _ in range(repeats)]
    run = sorted(runs, key=lambda r: r["seconds"])[len(runs) // 2]
    run["images_per_second"] = run["images"] / run["seconds"]
    run["ns_per_pulse"] = 1e9 * run["seconds"] / run["pulses"]
    run["spread"] = (max(r["seconds"] for r in runs) - min(r["seconds"] for r in runs)) / run["seconds"]
    return run


def peer(dataset: Dataset, neurons: int, images: int) -> dict[str, Any] | str:
    """Return images a second of BindsNET with one thread and with all, and the better of the two; or why it is not there.

    The threads of PyTorch wait for each other, so whatever else runs on the machine slows all of them more than it slows
    one; taking the better keeps that from counting against BindsNET. The median of ``images`` images each, after two.
    """
    try:
        from bindsnet.encoding import poisson
        from bindsnet.models import DiehlAndCook2015
    except ModuleNotFoundError:
        return "BindsNET is not installed, so there is nothing to compare with: pip install 'insitu[bench]'"
    except (ImportError, RuntimeError) as error:  # builds of torch and torchvision that do not fit each other
        return f"BindsNET is installed but cannot be imported ({error}), so there is nothing to compare with"
    import torch  # BindsNET has it

    torch.manual_seed(0)
    pixels = dataset.train_images.shape[1]
    by_threads = {}
    for threads in sorted({1, cores()}):
        torch.set_num_threads(threads)
        network = DiehlAndCook2015(
            n_inpt=pixels, n_neurons=neurons, exc=22.5, inh=120, dt=1.0, norm=0.1 * pixels, theta_plus=0.05
        )
        times = []
        for image in dataset.train_images[: images + 2]:
            began = time.perf_counter()
            spikes = poisson(torch.from_numpy(image / 255 * 128).float(), time=PEER_MS, dt=1.0)
            network.run(inputs={"X": spikes.view(PEER_MS, 1, pixels)}, time=PEER_MS)
            network.reset_state_variables()
            times.append(time.perf_counter() - began)
        low, middle, high = (1 / t for t in statistics.quantiles(times[2:], n=4)[::-1])
        by_threads[threads] = {"images_per_second": middle, "quartiles": [low, high]}
    best = max(by_threads.values(), key=lambda found: found["images_per_second"])
    version = importlib.metadata.version("bindsnet")
    return {**best, "threads": by_threads, "images": images, "version": version}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", help="folder with the four MNIST files")
    parser.add_argument("--repeats", type=int, default=3, help="trainings of which the median counts")
    parser.add_argument("--peer-images", type=int, default=30, help="images that BindsNET learns from")
    parser.add_argument("--quick", action="store_true", help="small: the embedded digits, 20 neurons, one epoch")
    parser.add_argument("--warm", action="store_true", help="leave out the first compilation, which takes a while")
    parser.add_argument("--json", metavar="FILE", type=Path, help="leave the numbers there")
    arguments = parser.parse_args()
    dataset = datasets.load_digits() if arguments.quick else datasets.find(arguments.data_dir)
    print(dataset.note)
    size = ["network.neurons=20", "training.epochs=1"] if arguments.quick else []
    neurons = 20 if arguments.quick else 500

    before = load()
    say_if_busy(before)
    found: dict[str, Any] = {"load_before": before, "soft-pruned": ours(dataset, size, arguments.repeats)}
    found["unpruned"] = ours(dataset, [*size, "pruning.method=none"], arguments.repeats)
    found["peak_megabytes"] = peak_megabytes()
    for name in ("soft-pruned", "unpruned"):
        run = found[name]
        print(f"insitu, {name}: {run['images']:,} images in {run['seconds']:.2f} s", end="")
        print(f" (spread {100 * run['spread']:.0f} %), {run['images_per_second']:,.0f} images/s,", end=" ")
        print(f"{run['pulses']:,} pulses, {run['ns_per_pulse']:.1f} ns a pulse, all included")
    print(f"insitu, peak memory: {found['peak_megabytes']:.0f} MB")
    found["first_ever_seconds"] = None if arguments.warm else first_ever_seconds(cold=True)
    found["later_seconds"] = first_ever_seconds(cold=False)
    if not arguments.warm:
        print(f"insitu, start to first image, compiling everything: {found['first_ever_seconds']:.1f} s")
    print(f"insitu, start to first image, compiled before: {found['later_seconds']:.1f} s")

    found["peer"] = other = peer(dataset, neurons, arguments.peer_images)
    if isinstance(other, str):
        print(other)
    else:
        found["ratio"] = found["unpruned"]["images_per_second"] / other["images_per_second"]
        for threads, run in other["threads"].items():
            low, high = run["quartiles"]
            print(f"BindsNET {other['version']}, {threads} thread(s): {run['images_per_second']:.2f} images/s", end="")
            print(f" (middle half {low:.2f} to {high:.2f}) over {other['images']} images")
        found["ratio_per_ms"] = found["ratio"] * OUR_MS / PEER_MS
        print(
            f"ratio to the better one, unpruned, {neurons} neurons each: {found['ratio']:,.0f} in images a second",
            end="",
        )
        print(
            f"; {found['ratio_per_ms']:,.0f} in simulated milliseconds a second ({OUR_MS} against {PEER_MS} an image)"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
