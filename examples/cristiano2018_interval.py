"""How often the weights should be carried to the MSP, with and without polarity inversion (Cristiano et al. 2018).

    python examples/cristiano2018_interval.py [--seeds 5] [--quick]

Seldom: the capacitors reach the ends of their range, and leak for long. Often: the phase-change cells wear, and every
transfer leaves an error. The paper transfers every 8,000 images [inferred]. The range swept is ours.
"""

from __future__ import annotations

from common import begin

from insitu.reports.curves import ACCURACY, Axis, plot_curves

INVERSION = {"array": "all rows, at every transfer [stated]", "rows": "rows at random", "off": "no inversion"}


def main() -> None:
    example = begin(__doc__, "cristiano2018-interval")
    every = [200, 1000] if example.quick else [1000, 2000, 4000, 8000, 16000, 32000, 60000]
    found = example.perceptron("interval", {"transfer.inversion": list(INVERSION), "transfer.every": every})
    rows = [{**row, "how": INVERSION[row["transfer.inversion"]]} for row in found.rows]
    twin = example.float_accuracy()
    print(
        plot_curves(
            rows,
            Axis("transfer.every", "images between two transfers", log=True),
            ACCURACY,
            example.out / "interval.png",
            title=f"Transfer interval and polarity inversion, {found.dataset}",
            series="how",
            reference={"floating point": twin},
        )
    )
    print(
        plot_curves(
            rows,
            Axis("transfer.every", "images between two transfers", log=True),
            Axis("msp_writes_per_cell_p99", "writes of a phase-change cell, 99th percentile"),
            example.out / "wear.png",
            title=f"What the interval costs: wear of the MSP, {found.dataset}",
            series="how",
        )
    )


if __name__ == "__main__":
    main()
