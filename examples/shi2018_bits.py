"""Accuracy over the bits of a digital weight, and what fits into the 512 kbit array (Shi et al. 2018).

    python examples/shi2018_bits.py [--seeds 5] [--quick]

A digital weight of n bits takes n binary cells. The paper used its 512 kbit array this way and does not state n. Two
curves: 500 neurons at every n, in as many cells as that takes (more than the array has from 3 bits on); and the network
that does fit, with the largest number of neurons at every n. Nothing is pruned here.
"""

from __future__ import annotations

from common import begin

from insitu.arrays import Budget
from insitu.reports.curves import ACCURACY, Axis, plot_curves

CELLS = 512 * 1024


def main() -> None:
    example = begin(__doc__, "shi2018-bits")
    bits = [1, 4] if example.quick else [1, 2, 3, 4, 5, 6, 7, 8]
    neurons = 20 if example.quick else 500
    array = Budget(CELLS // 20 if example.quick else CELLS)
    inputs = example.inputs()
    most = {n: array.most_columns(inputs, n) for n in bits}
    print(f"{'bits':>4}{'cells for ' + str(neurons) + ' neurons':>40}{'fits':>6}{'neurons that fit':>40}")
    for n in bits:
        need = inputs * neurons * n
        wants = f"{inputs} x {neurons} x {n} = {need:,}"
        largest = f"{array.cells:,} // ({inputs} x {n}) = {most[n]}"
        print(f"{n:4}{wants:>40}{'yes' if need <= array.cells else 'no':>6}{largest:>40}")

    digital = ["array.weights=digital", "pruning.method=none"]
    free = [f"network.neurons={neurons}", f"array.cells={inputs * neurons * max(bits)}"]
    curves = {
        f"{neurons} neurons, as many cells as it takes": example.sweep("free", {"array.bits": bits}, [*digital, *free]),
        f"as many neurons as fit into {array.cells:,} cells": example.sweep(
            "fits", {"array.bits+network.neurons": list(most.items())}, [*digital, f"array.cells={array.cells}"]
        ),
    }
    rows = [{**row, "how": how} for how, found in curves.items() for row in found.rows]
    path = plot_curves(
        rows,
        Axis("array.bits", "bits of a weight = binary cells a weight"),
        ACCURACY,
        example.out / "bits.png",
        title=f"Digital weights, unpruned, {example.dataset.name}",
        series="how",
    )
    print(path)


if __name__ == "__main__":
    main()
