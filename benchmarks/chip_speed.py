"""How many times as long the three systems take to learn through wires and converters as on an ideal chip.

    python benchmarks/chip_speed.py [--quick] [--images 6400] [--json speed.json]

Networks of the papers' sizes and default devices, on digits enlarged to 28 x 28 pixels; wires of 1 ohm in tiles of 64 x 64
cells, converters of 7 and 9 bits. Processor time, one thread of BLAS; all chips in turn, lot by lot, and the median of the
ratios. The first lot, in which what is compiled is loaded, is left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

import numpy as np
from machine import load, say_if_busy
from threadpoolctl import threadpool_limits
from yi2022_speed import data

from insitu.networks.energy import EnergyNetwork
from insitu.recipes import cristiano2018, registry, shi2018, yi2022
from insitu.recipes.loading import resolve
from insitu.recipes.yi2022_options import axes_of, device_of, energy_rule

Learn = Callable[[slice], object]  #: learns these images

LOTS = 6
_TILES = ["chip.tile_rows=64", "chip.tile_columns=64"]
_WIRES = [*_TILES, *(f"chip.{name}_ohm=1" for name in ("row", "column", "source", "sense"))]
_ADC = [*_TILES, "chip.adc_bits=9"]
CHIPS = {
    "ideal": [],
    "wires": _WIRES,
    "wires, column gains": [*_WIRES, "chip.column_gain=true"],
    "converters": _ADC,
    "wires and converters": [*_WIRES, *_ADC],
}


def spiking(sets: Sequence[str], x: np.ndarray, y: np.ndarray) -> Learn:
    """Return the first system, which sees the half of the pixels that differ most between images."""
    recipe = resolve(shi2018.Recipe, registry.toml_text("shi2018"), ["pruning.method=none", *sets])
    lit = np.argsort(-x.std(axis=0))[: x.shape[1] // 2]
    images = np.ascontiguousarray(x[:, lit] * 255).astype(np.uint8)
    network = shi2018.build(recipe, images.shape[1], len(x))
    return lambda part: network.learn(images[part])


def energy(sets: Sequence[str], x: np.ndarray, y: np.ndarray) -> Learn:
    """Return the second system, by write-verify."""
    recipe = resolve(yi2022.Recipe, registry.toml_text("yi2022"), sets)
    sizes, batch = (x.shape[1], *recipe.images.hidden, y.shape[1]), recipe.images.batch
    network = EnergyNetwork(device_of(recipe)[1], sizes, energy_rule(recipe, recipe.images), **axes_of(recipe))

    def learn(part: slice) -> None:
        for k in range(part.start, part.stop, batch):
            network.learn(x[k : k + batch], y[k : k + batch])

    return learn


def perceptron(sets: Sequence[str], x: np.ndarray, y: np.ndarray) -> Learn:
    """Return the third system, four conductances a weight."""
    recipe = resolve(cristiano2018.Recipe, registry.toml_text("cristiano2018"), sets)
    network, labels = cristiano2018.build(recipe, x.shape[1], y.shape[1]), y.argmax(axis=1)
    network.warm_up()
    return lambda part: network.learn(x[part], labels[part], recipe.training.rate)


SYSTEMS = {
    "shi2018": (spiking, []),
    "yi2022": (energy, ["chip.dac_bits=7"]),
    "cristiano2018": (perceptron, ["chip.dac_bits=7"]),
}
SMALL = {"shi2018": "network.neurons=20", "yi2022": "images.hidden=[16]", "cristiano2018": "network.hidden=[16]"}


def ratios(system: str, x: np.ndarray, y: np.ndarray, *, quick: bool) -> dict[str, float]:
    """Return by chip how many times as long the system takes as on the ideal one."""
    make, driven = SYSTEMS[system]
    small = [SMALL[system]] if quick else []
    learners = {
        name: make([*small, *sets, *(driven if _ADC[-1] in sets else [])], x, y) for name, sets in CHIPS.items()
    }
    lot, seconds = len(x) // LOTS, {name: list[float]() for name in CHIPS}
    for first in range(0, LOTS * lot, lot):
        for name, learn in learners.items():
            began = process_time()
            learn(slice(first, first + lot))
            seconds[name].append(process_time() - began)
    ideal = np.array(seconds["ideal"][1:])
    return {name: float(np.median(np.array(took[1:]) / ideal)) for name, took in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="small networks, few images: it shows that the benchmark works"
    )
    parser.add_argument("--images", type=int, default=6400, help="images that each network learns (6400)")
    parser.add_argument("--json", type=Path, help="write the numbers there")
    given = parser.parse_args()
    before, found = load(), {}
    x, y = data(384 if given.quick else given.images, 64 if given.quick else 784)
    with threadpool_limits(1, user_api="blas"):
        for system in SYSTEMS:
            found[system] = ratios(system, x, y, quick=given.quick)
            print(f"{system}: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in found[system].items()))
    say_if_busy(before)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
