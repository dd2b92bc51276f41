"""How fast a network trains in simulated memory, beside training it in software, on the same images in one run.

    python benchmarks/cristiano2018_speed.py [--data-dir FOLDER] [--epochs 20] [--peer-images 2000] [--quick]

Ours: the recipe cristiano2018 as it is, four noisy devices a weight, transfers included, and its floating-point twin. Peers,
batch size 1, same sizes and images: plain NumPy, PyTorch and aihwkit, the last two where they are installed. ``reads``
is our time for forward and transposed reads alone: no simulator of this network is faster than that on this machine.
Run it when nothing else runs.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from machine import load, peak_megabytes, say_if_busy
from numpy.typing import NDArray

from insitu import datasets
from insitu.networks.perceptron import Perceptron
from insitu.random import permutation
from insitu.recipes import cristiano2018, registry
from insitu.recipes.loading import resolve

Images, Labels = NDArray[np.uint8], NDArray[np.int64]


def ours(network: Perceptron, recipe: cristiano2018.Recipe, images: Images, labels: Labels) -> dict[str, Any]:
    """Train as the recipe does; return images a second and pulses an image of each epoch."""
    network.warm_up()
    epochs = []
    for epoch in range(recipe.training.epochs):
        order = permutation(recipe.seed, len(images), epoch)
        before, began = network.counts, time.perf_counter()
        rate = recipe.training.rate * recipe.training.decay**epoch
        for part in np.split(order, range(5000, len(order), 5000)):
            network.learn(images[part], labels[part], rate, 1 / 255)
        seconds = time.perf_counter() - began
        pulses = (network.counts - before).pulses / len(images)
        epochs.append({"seconds": seconds, "images_per_second": len(images) / seconds, "pulses_per_image": pulses})
    seconds = sum(run["seconds"] for run in epochs)
    return {"images_per_second": len(images) * len(epochs) / seconds, "seconds": seconds, "epochs": epochs}


def reads(network: Perceptron, recipe: cristiano2018.Recipe, images: Images, labels: Labels) -> dict[str, Any]:
    """Return images a second of the same loop at a learning rate so small that no pulse is asked for."""
    every, before = recipe.transfer.every or 2**62, network.shown
    began = time.perf_counter()
    network.learn(images, labels, 1e-12, 1 / 255)
    seconds = time.perf_counter() - began
    return {"images_per_second": len(images) / seconds, "transfers": network.shown // every - before // every}


def numpy_float(sizes: tuple[int, ...], images: Images, labels: Labels, rate: float) -> dict[str, Any]:
    """Train the network as one writes it down in NumPy, one example at a time, single precision."""
    rng = np.random.default_rng(0)
    limits = [np.sqrt(6 / (n + 1 + k)) for n, k in itertools.pairwise(sizes)]
    shapes = [(n + 1, k) for n, k in itertools.pairwise(sizes)]
    weights = [rng.uniform(-a, a, s).astype(np.float32) for a, s in zip(limits, shapes, strict=True)]

    def step(image: NDArray[np.uint8], label: int) -> None:
        inputs = [np.append(image / np.float32(255), np.float32(1))]
        for w in weights[:-1]:
            inputs.append(np.append(np.maximum(inputs[-1] @ w, 0), np.float32(1)))
        z = inputs[-1] @ weights[-1]
        p = np.exp(z - z.max())
        delta = p / p.sum()
        delta[label] -= 1
        for i in range(len(weights) - 1, -1, -1):
            back = weights[i] @ delta
            weights[i] -= np.float32(rate) * np.outer(inputs[i], delta)
            delta = (back * (inputs[i] > 0))[:-1]

    return timed(step, images, labels)


def torch_float(sizes: tuple[int, ...], images: Images, labels: Labels, rate: float) -> dict[str, Any] | str:
    """The same in PyTorch, one thread, as its tutorials write it."""
    try:
        import torch
    except ModuleNotFoundError:
        return "PyTorch is not installed, so there is nothing to compare with: pip install torch"
    torch.set_num_threads(1)
    layers: list[torch.nn.Module] = []
    for n, k in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(n, k), torch.nn.ReLU()]
    return trained_by_torch(torch, torch.nn.Sequential(*layers[:-1]), torch.optim.SGD, images, labels, rate)


def aihwkit_device(sizes: tuple[int, ...], images: Images, labels: Labels, rate: float) -> dict[str, Any] | str:
    """The same with aihwkit's capacitor device, one device a weight, as its examples write it."""
    try:
        import torch
        from aihwkit.nn import AnalogLinear
        from aihwkit.optim import AnalogSGD
        from aihwkit.simulator.presets import CapacitorPreset
    except ImportError as error:
        return f"aihwkit cannot be imported ({error}), so there is nothing to compare with"
    torch.set_num_threads(1)
    layers: list[torch.nn.Module] = []
    for n, k in itertools.pairwise(sizes):
        layers += [AnalogLinear(n, k, rpu_config=CapacitorPreset()), torch.nn.ReLU()]
    return trained_by_torch(torch, torch.nn.Sequential(*layers[:-1]), AnalogSGD, images, labels, rate)


def trained_by_torch(
    torch: Any, network: Any, optimizer: Any, images: Images, labels: Labels, rate: float
) -> dict[str, Any]:
    """Train one example at a time with an optimiser of PyTorch's kind."""
    optimise = optimizer(network.parameters(), lr=rate)
    if hasattr(optimise, "regroup_param_groups"):
        optimise.regroup_param_groups(network)
    loss = torch.nn.CrossEntropyLoss()

    def step(image: NDArray[np.uint8], label: int) -> None:
        optimise.zero_grad()
        x = torch.from_numpy(image / np.float32(255))[None]
        loss(network(x), torch.tensor([label])).backward()
        optimise.step()

    return timed(step, images, labels)


def timed(step: Callable[[NDArray[np.uint8], int], None], images: Images, labels: Labels) -> dict[str, Any]:
    """Return images a second of a step function, after twenty to warm up."""
    for image, label in zip(images[:20], labels[:20].tolist(), strict=True):
        step(image, label)
    began = time.perf_counter()
    for image, label in zip(images, labels.tolist(), strict=True):
        step(image, label)
    return {"images_per_second": len(images) / (time.perf_counter() - began), "images": len(images)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", help="folder with the four MNIST files")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--peer-images", type=int, default=2000, help="images that each peer learns from")
    parser.add_argument("--quick", action="store_true", help="small: the embedded digits, two epochs")
    parser.add_argument("--json", metavar="FILE", type=Path, help="leave the numbers there")
    arguments = parser.parse_args()
    dataset = datasets.load_digits() if arguments.quick else datasets.find(arguments.data_dir)
    print(dataset.note)
    epochs = 2 if arguments.quick else arguments.epochs
    recipe = resolve(cristiano2018.Recipe, registry.toml_text("cristiano2018"), [f"training.epochs={epochs}"])
    images = cristiano2018.cropped(dataset.train_images, cristiano2018.crops(recipe, dataset))
    labels, inputs = dataset.train_labels.astype(np.int64), images.shape[1]
    before = load()
    say_if_busy(before)

    network = cristiano2018.build(recipe, inputs, 10)
    found: dict[str, Any] = {"load_before": before, "insitu": ours(network, recipe, images, labels)}
    found["peak_megabytes"] = peak_megabytes()
    found["reads"] = reads(network, recipe, images[:7000], labels[:7000])
    twin = cristiano2018.build_twin(recipe, inputs, 10)
    short = resolve(cristiano2018.Recipe, registry.toml_text("cristiano2018"), ["training.epochs=1"])
    found["insitu, floating point"] = ours(twin, short, images, labels)
    run = found["insitu"]
    print(
        f"insitu: {run['images_per_second']:,.0f} images/s over {epochs} epochs, {run['seconds']:.1f} s; by epoch",
        end=" ",
    )
    print(", ".join(f"{e['images_per_second']:,.0f} ({e['pulses_per_image']:,.0f} pulses)" for e in run["epochs"]))
    print(f"insitu, reads alone: {found['reads']['images_per_second']:,.0f} images/s")
    print(f"insitu, floating point: {found['insitu, floating point']['images_per_second']:,.0f} images/s")
    print(f"insitu, peak memory: {found['peak_megabytes']:.0f} MB")

    sizes = (inputs, *recipe.network.hidden, 10)
    peers = {"NumPy": numpy_float, "PyTorch": torch_float, "aihwkit": aihwkit_device}
    images, labels = images[: arguments.peer_images], labels[: arguments.peer_images]
    for name, train in peers.items():
        other = found[name] = train(sizes, images, labels, recipe.training.rate)
        if isinstance(other, str):
            print(other)
            continue
        version = importlib.metadata.version({"NumPy": "numpy", "PyTorch": "torch"}.get(name, name))
        other["version"], other["ratio"] = version, run["images_per_second"] / other["images_per_second"]
        print(f"{name} {version}: {other['images_per_second']:,.0f} images/s; ours is {other['ratio']:,.1f} times that")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
