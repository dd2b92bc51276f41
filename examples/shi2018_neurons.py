"""Accuracy over the number of output neurons (Shi et al. 2018, Fig. 3e): where does it saturate?

    python examples/shi2018_neurons.py [--seeds 5] [--quick]

The paper saw no noticeable gain past 500 and states no number. Nothing is pruned here. One analogue cell a weight: with the
397 inputs of MNIST the 512 kbit array holds up to 1,320 neurons, so the budget of the recipe is enough for every point.
"""

from __future__ import annotations

from common import begin

from insitu.arrays import Budget
from insitu.reports.curves import ACCURACY, Axis, plot_curves


def main() -> None:
    example = begin(__doc__, "shi2018-neurons")
    neurons = [10, 20, 40] if example.quick else [10, 20, 50, 100, 200, 350, 500, 700, 1000]
    inputs = example.inputs()
    fits = Budget(512 * 1024).most_columns(inputs, 1)
    print(f"{512 * 1024:,} cells // {inputs} inputs = {fits} neurons at one cell a weight")
    overrides = ["pruning.method=none"]
    if fits < neurons[-1]:
        overrides.append(f"array.cells={inputs * neurons[-1]}")
        print(f"Raised to {inputs * neurons[-1]:,} cells, so that {neurons[-1]} neurons fit")
    found = example.sweep("neurons", {"network.neurons": neurons}, overrides)
    path = plot_curves(
        found.rows,
        Axis("network.neurons", "output neurons", log=True),
        ACCURACY,
        example.out / "neurons.png",
        title=f"Accuracy over the number of neurons, unpruned, {found.dataset}",
    )
    print(path)


if __name__ == "__main__":
    main()
