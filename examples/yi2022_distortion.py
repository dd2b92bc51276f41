"""Words rebuilt exactly over the fraction of dots that are flipped, with all baselines and the limit (Yi et al. 2022).

    python examples/yi2022_distortion.py [--seeds 10] [--quick]

One run a seed trains both networks on the noisy device and tests them, and what they are compared with, at nine distortions.
"""

from __future__ import annotations

from common import begin

from insitu.reports.braille_figures import METHODS
from insitu.reports.curves import Axis, plot_curves

QUICK = ("two_layer.updates=100", "one_layer.updates=40", "data.examples=20")


def main() -> None:
    example = begin(__doc__, "yi2022-distortion", words=True)
    flips = [0.1, 0.3] if example.quick else [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4]
    found = example.sweep(
        "distortion",
        {"array.weights": ["analogue"]},
        [f"data.flips={flips}"],
        recipe="yi2022",
        quick=QUICK,
        shown=[f"accuracy_two_layer_{flips[-1]:g}"],
    )
    table = [
        {"seed": row["seed"], "flip": flip, "method": name, "accuracy": row[f"accuracy_{key}_{flip:g}"]}
        for row in found.rows
        for key, name in METHODS.items()
        for flip in flips
    ]
    path = plot_curves(
        table,
        Axis("flip", "dots flipped (%)", 100),
        Axis("accuracy", "exact words (%)", 100),
        example.out / "distortion.png",
        title="Nine names in Braille, rebuilt from distorted inputs",
        series="method",
    )
    print(f"Figure: {path}")


if __name__ == "__main__":
    main()
