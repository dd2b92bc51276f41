"""Accuracy over the pruned fraction: soft-pruning against conventional pruning (Shi et al. 2018).

    python examples/shi2018_pruning.py [--seeds 5] [--quick]

Weights that have matured keep the values they have (no further pulse), or are all set to one constant, the lowest weight
(soft, as it is recalled), or are removed (conventional), the lowest first, the smallest in magnitude first, or at random.
Every result is given by both readouts: Bayes' rule, and the vote of neurons that stand for one class each. The last figure
shows how the conventional result at 40 % depends on when weights count as matured.
"""

from __future__ import annotations

from dataclasses import replace

from common import Example, begin

from insitu.reports.curves import ACCURACY, Axis, plot_curves

#: method, value, order -> what is done
HOW = {
    ("soft", "hold", "lowest"): "kept at their values, lowest first",
    ("soft", -1.0, "lowest"): "all set to -1, lowest first",
    ("conventional", "hold", "lowest"): "removed, lowest first",
    ("conventional", "hold", "magnitude"): "removed, smallest magnitude first",
    ("conventional", "hold", "random"): "removed, at random",
}
FIELDS = ("pruning.method", "pruning.value", "pruning.order")
STATED = {
    "Shi et al.: soft, up to 75 % [stated]": (0.75, 0.93),
    "Shi et al.: conventional, 40 %, below this [stated]": (0.40, 0.90),
}
#: readout -> the result that it gives, and the end of the name of its figure
READOUTS = {"Bayes' rule": ("accuracy", ""), "vote": ("accuracy_vote", "-vote")}
SHOWN = [key for key, _ in READOUTS.values()]


def draw_fractions(example: Example) -> None:
    fractions = [0.4, 0.75] if example.quick else [0.0, 0.2, 0.4, 0.6, 0.75, 0.9]
    found = example.sweep("fractions", {"+".join(FIELDS): list(HOW), "pruning.fraction": fractions}, shown=SHOWN)
    rows = [{**row, "how": HOW[tuple(row[field] for field in FIELDS)]} for row in found.rows]
    for readout, (key, end) in READOUTS.items():
        path = plot_curves(
            rows,
            Axis("pruning.fraction", "matured weights that are taken out of learning (%)", 100),
            replace(ACCURACY, field=key),
            example.out / f"pruning{end}.png",
            title=f"Pruning during training, read out by {readout}, {found.dataset}",
            series="how",
            reference=STATED if found.dataset == "mnist" else None,
        )
        print(path)


def draw_conventional(example: Example) -> None:
    maturity = [100, 300] if example.quick else [500, 1000, 2000, 2500]
    found = example.sweep(
        "conventional",
        {"pruning.order": ["lowest", "magnitude", "random"], "pruning.maturity": maturity},
        ["pruning.method=conventional", "pruning.fraction=0.4"],
        shown=SHOWN,
    )
    rows = [
        {**row, "accuracy": row[key], "how": f"{row['pruning.order']}, {readout}"}
        for readout, (key, _) in READOUTS.items()
        for row in found.rows
    ]
    path = plot_curves(
        rows,
        Axis("pruning.maturity", "output spikes of a neuron after which its weights count as matured"),
        ACCURACY,
        example.out / "conventional.png",
        title=f"Conventional pruning of 40 % of the weights, {found.dataset}: which go first, when, and the readout",
        series="how",
        reference={"Shi et al.: below this [stated]": 0.90} if found.dataset == "mnist" else None,
    )
    print(path)


def main() -> None:
    example = begin(__doc__, "shi2018-pruning")
    draw_fractions(example)
    draw_conventional(example)


if __name__ == "__main__":
    main()
