"""Speed of convolutions in arrays, beside the bare matrix products of the same patches.

    python benchmarks/convolution_speed.py [--quick] [--images 256] [--json speed.json]

A network like LeNet on made-up images of the size of MNIST, 16 at a time, on one thread: 16 and 32 maps of 5 x 5, a pool of
2 behind each, 120 units. The floor are the products forwards, back and of the change, of every layer, by BLAS, with nothing
around them. Ratios are to that floor. The best of three is given.

Beside them, where it is installed: the same network of aihwkit's capacitor cells, by stochastic pulses as the blind pulses
here.

The same layers without the 120 units then relax, freely and drawn to both sides of what is wanted: as many products forwards
and back as they take steps. Then the spiking network that learns patches without
labels, 200 maps of 7 x 7: an epoch of learning 20 patches an image, and one of listening to all of them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from machine import best, load, say_if_busy
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

import insitu
from insitu import BlindPulses, CrossbarClassifier, EnergyClassifier, Exact, MixedPrecision
from insitu.networks.convolutional_spiking import ConvolutionalSpikingClassifier
from insitu.networks.energy_convolution import CONVOLUTIONAL
from insitu.networks.layers import Conv, Pool

BATCH, EPOCH = 16, 60_000
WAYS: dict[str, tuple[str | None, Any]] = {
    "numbers": (None, Exact()),
    "mixed precision": ("gong2022-om", MixedPrecision()),
    "blind pulses": ("li2018-3t1c", BlindPulses()),
}
RELAXING: dict[str, tuple[str | None, Any]] = {
    "relaxing, numbers": (None, Exact()),
    "relaxing, noisy cells, write-verify": ("yi2022-taox", None),
}
#: products forwards, back and of the change, of the first layer and of each behind it
ONCE = ((1, 0, 1), (1, 1, 1))


def hidden(quick: bool) -> tuple[Any, ...]:
    """Return the hidden layers."""
    return (Conv(2, 5), Pool(2), 8) if quick else (Conv(16, 5), Pool(2), Conv(32, 5), Pool(2), 120)


def relaxed() -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return the products of a network that relaxes, taking all its steps: the inputs are read once, and free layers send
    nothing back at first."""
    free, nudged = CONVOLUTIONAL.steps, 2 * (CONVOLUTIONAL.nudged_steps or CONVOLUTIONAL.steps)
    return (1, 0, 1), (free + nudged, free - 1 + nudged, 2)


def floor(stages: Sequence[Any], images: int, times: tuple[tuple[int, int, int], tuple[int, int, int]] = ONCE) -> float:
    """Return the seconds of the products alone of the layers of weights."""
    shapes = [(one.spots, *one.shape) for one in stages]
    rng = np.random.default_rng(0)
    made = [
        tuple(rng.random(shape, np.float32) for shape in ((BATCH * n, rows), (rows, columns), (BATCH * n, columns)))
        for n, rows, columns in shapes
    ]

    def once() -> None:
        for _ in range(images // BATCH):
            for place, (x, w, d) in enumerate(made):
                forward, back, changed = times[min(place, 1)]
                for _ in range(forward):
                    x @ w
                for _ in range(back):
                    d @ w.T
                for _ in range(changed):
                    x.T @ d

    return best(once)


def in_batches(network: Any, x: Any, wanted: Any) -> None:
    """Let a network that relaxes learn all of x."""
    for first in range(0, len(x), BATCH):
        network.learn(x[first : first + BATCH], wanted[first : first + BATCH], 0.01)


def patches(X: NDArray[Any], quick: bool) -> dict[str, float]:
    """Return the seconds of learning patches of images X, and of listening to all of them."""
    model = ConvolutionalSpikingClassifier(8 if quick else 200, 7, image_shape=(28, 28), random_state=0).partial_fit(X)
    model.transform(X[:16])  # compile, or load what is compiled
    network, images = model.network_, model.inputs_(X)
    ways = {"learn": network.learn_images, "listen": network.count_spikes}
    return {name: best(partial(way, images)) for name, way in ways.items()}


def aihwkit(X: NDArray[Any], y: NDArray[Any]) -> float | None:
    """Return the seconds in which a network like LeNet of aihwkit's capacitor cells learns images; None if there is none."""
    try:
        import torch
        from aihwkit.nn import AnalogConv2d, AnalogLinear
        from aihwkit.optim import AnalogSGD
        from aihwkit.simulator.presets import CapacitorPreset
    except ImportError as error:
        print(f"aihwkit cannot be imported ({error}), so there is nothing to compare with")
        return None
    torch.set_num_threads(1)
    nn, cells = torch.nn, {"rpu_config": CapacitorPreset()}
    layers = [AnalogConv2d(1, 16, 5, **cells), nn.ReLU(), nn.MaxPool2d(2), AnalogConv2d(16, 32, 5, **cells), nn.ReLU()]
    layers += [
        nn.MaxPool2d(2),
        nn.Flatten(),
        AnalogLinear(512, 120, **cells),
        nn.ReLU(),
        AnalogLinear(120, 10, **cells),
    ]
    network, loss = nn.Sequential(*layers), nn.CrossEntropyLoss()
    optimise = AnalogSGD(network.parameters(), lr=0.001)
    optimise.regroup_param_groups(network)
    images, labels = torch.from_numpy(X.astype(np.float32)).reshape(-1, 1, 28, 28), torch.from_numpy(y)

    def once() -> None:
        for x, t in zip(images.split(BATCH), labels.split(BATCH), strict=True):
            optimise.zero_grad()
            loss(network(x), t).backward()
            optimise.step()

    return best(once)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small network: it shows that the benchmark works")
    parser.add_argument("--images", type=int, default=256, help="images of each measurement (256)")
    parser.add_argument("--json", type=Path, help="file for all numbers")
    given = parser.parse_args()
    before = load()
    count = 2 * BATCH if given.quick else given.images
    rng = np.random.default_rng(0)
    X = rng.random((count, 784)) * (rng.random((count, 784)) < 0.2)
    y = np.arange(count) % 10
    found: dict[str, Any] = {"images": count, "seconds": {}, "ratio": {}}
    with threadpool_limits(1, "blas"):
        for name, (device, scheme) in WAYS.items():
            made_of = {"device": None if device is None else insitu.load(device), "scheme": scheme}
            model = CrossbarClassifier(
                hidden(given.quick), image_shape=(28, 28), batch=BATCH, random_state=0, **made_of
            )
            model.partial_fit(X, y)  # compile, or load what is compiled
            network, scale = model.network_, model.scale_
            found["seconds"][name] = best(partial(network.learn, X, y, 0.001, scale))
        stages = [stage for stage in network.stages if not isinstance(stage.layer, Pool)]
        found["floor_seconds"] = floor(stages, count)
        wanted = np.eye(10, dtype=np.float32)[y]
        for name, (device, scheme) in RELAXING.items():
            cells = None if device is None else insitu.load(device)
            relaxing = EnergyClassifier(
                hidden(given.quick)[:-1], image_shape=(28, 28), batch=BATCH, random_state=0, device=cells, scheme=scheme
            )
            relaxing.partial_fit(X, y)
            found["seconds"][name] = best(partial(in_batches, relaxing.network_, X.astype(np.float32), wanted))
        found["relaxing_floor_seconds"] = floor([j.stage for j in relaxing.network_.joints], count, relaxed())
    print(f"products alone: {found['floor_seconds'] * EPOCH / count:.0f} s an epoch of {EPOCH:,}", end="; ")
    print(f"of relaxations: {found['relaxing_floor_seconds'] * EPOCH / count:.0f} s")
    for name, seconds in found["seconds"].items():
        found["ratio"][name] = seconds / found["relaxing_floor_seconds" if name in RELAXING else "floor_seconds"]
        print(f"{name}: {seconds * EPOCH / count:.0f} s an epoch, {found['ratio'][name]:.1f} times the products")
    if (seconds := aihwkit(X, y)) is not None:
        found["aihwkit_seconds"], ours = seconds, found["seconds"]["blind pulses"]
        print(
            f"aihwkit: {seconds * EPOCH / count:.0f} s an epoch; blind pulses here are {seconds / ours:.1f} times as fast"
        )
    found["patches"] = patches(X, given.quick)
    for name, seconds in found["patches"].items():
        print(f"spiking patches, {name}: {seconds * EPOCH / count:.0f} s an epoch")
    say_if_busy(before)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
