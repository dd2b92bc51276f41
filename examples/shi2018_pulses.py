"""Accuracy against the number of programming pulses: what soft-pruning saves, and what saves more.

    python examples/shi2018_pulses.py [--seeds 5] [--quick]

The paper states that its algorithm adds about another factor 10 in energy to that of the device. Here: the unpruned
training; soft-pruning of 75 % or all of the weights at several maturities; sparse programming, in which a neuron programs its
weights only at every n-th of its spikes, with steps n times as large; and both together. Larger steps want a device that
makes them, so each n trains on its own device: shi2018-cbram with all steps scaled, in a file of three lines.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common import Example, begin

from insitu.recipes import registry, shi2018
from insitu.recipes.loading import resolve
from insitu.reports.curves import ACCURACY, Axis, plot_curves

DEVICE = """from dataclasses import replace
from insitu.devices.library import load
usual = load("shi2018-cbram").device
device = replace(usual, step_up={factor} * usual.step_up, step_down={factor} * usual.step_down)
"""
SPARSE = "stdp.every+stdp.ltp+stdp.ltd+array.device"  #: change together


def sparse(every: int, folder: Path) -> tuple[Any, ...]:
    """Return the values of SPARSE with which a neuron programs at every ``every``-th spike, in as much larger steps."""
    usual = resolve(shi2018.Recipe, registry.toml_text("shi2018")).stdp
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"steps-times-{every}.py"
    file.write_text(DEVICE.format(factor=every))
    return every, every * usual.ltp, every * usual.ltd, str(file)


def against_pulses(
    example: Example, name: str, how: str, vary: dict[str, Any], *overrides: str
) -> list[dict[str, Any]]:
    """Return the rows of a sweep, each with the mean pulses of its setting as ``pulses``, and ``how``."""
    found = example.sweep(name, vary, overrides)
    rows = []
    for entry in found.summary():
        pulses = entry["mean"]["pulses_up"] + entry["mean"]["pulses_down"]
        of_it = [row for row in found.rows if all(row[field] == entry[field] for field in found.fields)]
        rows += [{**row, "pulses": pulses, "how": how} for row in of_it]
    return rows


def main() -> None:
    example = begin(__doc__, "shi2018-pulses")
    maturity = [50, 200] if example.quick else [100, 250, 500, 1000, 1500, 2000, 2500]
    every = [2, 4] if example.quick else [2, 4, 8, 16]
    devices = example.out / "devices"
    steps = [sparse(n, devices) for n in every]
    off, all_of_them = "pruning.method=none", "pruning.fraction=1.0"
    rows = [
        *against_pulses(example, "unpruned", "unpruned", {"pruning.method": ["none"]}),
        *against_pulses(example, "soft", "75 % soft-pruned, at several maturities", {"pruning.maturity": maturity}),
        *against_pulses(
            example, "all", "all soft-pruned, at several maturities", {"pruning.maturity": maturity}, all_of_them
        ),
        *against_pulses(example, "sparse", "programming at every n-th spike", {SPARSE: steps}, off),
    ]
    for step in steps[1:3]:
        vary = {SPARSE: [step], "pruning.maturity": maturity[:4]}
        rows += against_pulses(example, f"both-{step[0]}", f"both, n = {step[0]}", vary)
    path = plot_curves(
        rows,
        Axis("pulses", "programming pulses of the whole training", log=True),
        ACCURACY,
        example.out / "pulses.png",
        title=f"Accuracy against pulses, {example.dataset.name}",
        series="how",
    )
    print(path)


if __name__ == "__main__":
    main()
