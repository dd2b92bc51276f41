"""Soft-pruning against conventional pruning, and what decides between them (Shi et al. 2018).

    python examples/shi2018_pruning.py [--seeds 5] [--quick]

Weights that have matured are kept as they are (soft, no further pulse), or all set to the lowest weight -1 (soft, the
mechanism as it is recalled), or removed (conventional). Every result is given by both readouts: Bayes' rule, and the vote of
neurons that stand for one class each. Two figures show accuracy over the pruned fraction, one a readout; the last shows the
fractions that the paper states, with three orders of conventional pruning: lowest first, smallest in magnitude first, random.
"""

from __future__ import annotations

from dataclasses import replace

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
#: readout -> its result, and the end of the name of its figure
READOUTS = {"Bayes' rule": ("accuracy", ""), "vote": ("accuracy_vote", "-vote")}
SHOWN = [key for key, _ in READOUTS.values()]
FIELDS = ("pruning.method", "pruning.fraction", "pruning.value", "pruning.order")
#: settings of FIELDS -> what is done to the weights
WAYS = {
    ("none", 0.75, "hold", "lowest"): "unpruned",
    ("soft", 0.75, "hold", "lowest"): "75 % kept\nas they are",
    ("soft", 0.75, -1.0, "lowest"): "75 % set\nto -1",
    ("conventional", 0.4, "hold", "random"): "40 % removed,\nat random",
    ("conventional", 0.4, "hold", "magnitude"): "40 % removed,\nsmallest first",
    ("conventional", 0.4, "hold", "lowest"): "40 % removed,\nlowest first",
}


def draw_fractions(example: Example) -> None:
    fractions = [0.0, 0.4, 0.75] if example.quick else [0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.9, 0.95]
    vary = {"pruning.method+pruning.value": list(HOW), "pruning.fraction": fractions}
    found = example.sweep("fractions", vary, shown=SHOWN)
    rows = [{**row, "how": HOW[row["pruning.method"], row["pruning.value"]]} for row in found.rows]
    for readout, (key, end) in READOUTS.items():
        path = plot_curves(
            rows,
            Axis("pruning.fraction", "weights to prune (%)", 100),
            replace(ACCURACY, field=key),
            example.out / f"pruning{end}.png",
            title=f"Soft-pruning during training against conventional pruning, {found.dataset}, read out by {readout}",
            series="how",
            reference=STATED if found.dataset == "mnist" else None,
        )
        print(path)


def draw_readouts(example: Example) -> None:
    found = example.sweep("readouts", {"+".join(FIELDS): list(WAYS)}, shown=SHOWN)
    rows = [
        {**row, "accuracy": row[key], "way": WAYS[tuple(row[field] for field in FIELDS)], "readout": readout}
        for readout, (key, _) in READOUTS.items()
        for row in found.rows
    ]
    stated = {
        "93 %: Shi et al., soft, 75 % [stated]": 0.93,
        "90 %: Shi et al., conventional, 40 %, is below [stated]": 0.9,
    }
    path = plot_curves(
        rows,
        Axis("way", "what becomes of weights that have matured"),
        ACCURACY,
        example.out / "readouts.png",
        title=f"Pruning during training, {found.dataset}: the order and the readout decide",
        series="readout",
        reference=stated if found.dataset == "mnist" else None,
    )
    print(path)


def main() -> None:
    example = begin(__doc__, "shi2018-pruning")
    draw_fractions(example)
    draw_readouts(example)


if __name__ == "__main__":
    main()
