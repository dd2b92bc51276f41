"""Accuracy, settling steps, reads and writes over the size of the network, on images (after Fig. 3 of Yi et al. 2022).

    python examples/yi2022_scaling.py [--seeds 1] [--quick]

One hidden layer of 16 to 4,096 units on the noisy device, three passes over the data.
"""

from __future__ import annotations

from common import begin

from insitu.reports.curves import Axis, plot_curves
from insitu.units import si


def main() -> None:
    example = begin(__doc__, "yi2022-scaling")
    sizes = [[16], [64]] if example.quick else [[16], [64], [256], [1024], [4096]]
    found = example.sweep(
        "scaling",
        {"images.hidden": sizes},
        ["data.task=mnist", "images.epochs=3"],
        recipe="yi2022",
        quick=("images.shift=0",),
    )
    print("units, accuracy, settling steps, cells read, write pulses, tiles")
    table = []
    for row in found.rows:
        units, pulses = row["images.hidden"][0], row["pulses_up"] + row["pulses_down"]
        reads = row["ledger.learning.reads"]
        numbers = f"{row['settling_steps']:.1f}, {si(reads)}, {si(pulses)}, {row['tiles']}"
        print(f"{units}, accuracy {100 * row['accuracy']:.2f} %, {numbers}")
        table.append({"units": units, "seed": row["seed"], "accuracy": row["accuracy"]})
        table[-1] |= {"reads": reads / row["images_shown"], "writes": pulses / row["images_shown"]}
    units = Axis("units", "hidden units", log=True)
    about = "Images by activity differences on noisy crossbars, three passes"
    plot_curves(table, units, Axis("accuracy", "test accuracy (%)", 100), example.out / "scaling.png", title=about)
    reads = Axis("reads", "cells read an image while learning (million)", 1e-6)
    plot_curves(table, units, reads, example.out / "reads.png", title=about)


if __name__ == "__main__":
    main()
