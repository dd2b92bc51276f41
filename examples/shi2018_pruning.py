"""Accuracy over the pruned fraction: soft-pruning against conventional pruning (Shi et al. 2018).

    python examples/shi2018_pruning.py [--seeds 5] [--quick]

Two figures. The first: weights that have matured are kept as they are (soft, no further pulse), or written to the lowest
weight -1 (soft, the mechanism as it is recalled), or removed (conventional). The second: how the conventional result at
40 %, which the paper states as under 90 %, depends on two constants that it does not state: when a weight counts as
matured, and whether the lowest or the smallest weights go first.
"""

from __future__ import annotations

from common import Example, begin

from insitu.reports.curves import ACCURACY, Axis, plot_curves

HOW = {
    ("soft", "hold"): "soft: kept as they are",
    ("soft", -1.0): "soft: written to -1",
    ("conventional", "hold"): "conventional: removed",
}
STATED = {
    "Shi et al.: soft, up to 75 % [stated]": (0.75, 0.93),
    "Shi et al.: conventional, 40 %, below this [stated]": (0.40, 0.90),
}


def draw_fractions(example: Example) -> None:
    fractions = [0.0, 0.4, 0.75] if example.quick else [0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.9, 0.95]
    found = example.sweep("fractions", {"pruning.method+pruning.value": list(HOW), "pruning.fraction": fractions})
    rows = [{**row, "how": HOW[row["pruning.method"], row["pruning.value"]]} for row in found.rows]
    path = plot_curves(
        rows,
        Axis("pruning.fraction", "weights to prune (%)", 100),
        ACCURACY,
        example.out / "pruning.png",
        title=f"Soft-pruning during training against conventional pruning, {found.dataset}",
        series="how",
        reference=STATED if found.dataset == "mnist" else None,
    )
    print(path)


def draw_conventional(example: Example) -> None:
    maturity = [100, 300] if example.quick else [100, 250, 500, 1000, 1500, 2000, 2500]
    found = example.sweep(
        "conventional",
        {"pruning.order": ["lowest", "magnitude"], "pruning.maturity": maturity},
        ["pruning.method=conventional", "pruning.fraction=0.4"],
    )
    path = plot_curves(
        found.rows,
        Axis("pruning.maturity", "output spikes of a neuron after which its weights count as matured"),
        ACCURACY,
        example.out / "conventional.png",
        title=f"Conventional pruning of 40 % of the weights, {found.dataset}: which go first, and when",
        series="pruning.order",
        reference={"Shi et al.: below this [stated]": 0.90} if found.dataset == "mnist" else None,
    )
    print(path)


def main() -> None:
    example = begin(__doc__, "shi2018-pruning")
    draw_fractions(example)
    draw_conventional(example)


if __name__ == "__main__":
    main()
