"""Accuracy over epochs (Shi et al. 2018, Fig. 3d): how many passes over the images are enough?

    python examples/shi2018_epochs.py [--seeds 5] [--quick]

The paper used three epochs and states no number. Nothing is pruned here.
"""

from __future__ import annotations

from common import begin

from insitu.reports.curves import ACCURACY, Axis, plot_curves


def main() -> None:
    example = begin(__doc__, "shi2018-epochs")
    epochs = [1, 2] if example.quick else [1, 2, 3, 4, 5]
    # the recipe shows a small data set more often than it is asked to; here the number of epochs is the point
    found = example.sweep("epochs", {"training.epochs": epochs}, ["training.presentations=1", "pruning.method=none"])
    path = plot_curves(
        found.rows,
        Axis("training.epochs", "epochs"),
        ACCURACY,
        example.out / "epochs.png",
        title=f"Accuracy over epochs, unpruned, {found.dataset}",
    )
    print(path)


if __name__ == "__main__":
    main()
