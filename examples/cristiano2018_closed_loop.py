"""Closed-loop tuning of the MSP: tolerance of the verify, and rounds of pulses (Cristiano et al. 2018).

    python examples/cristiano2018_closed_loop.py [--seeds 5] [--quick]

Error threshold and number of iterations are the knobs that the paper studies [stated]; their values here are ours. What a
write misses is charged into the LSP, so the tolerance may be coarse as long as the LSP has room. The other two figures are
the price of a fine one.
"""

from __future__ import annotations

from common import begin

from insitu.reports.curves import ACCURACY, Axis, plot_curves


def main() -> None:
    example = begin(__doc__, "cristiano2018-closed-loop")
    tolerances = [0.02, 0.075] if example.quick else [0.004, 0.0075, 0.02, 0.0375, 0.075, 0.15]
    rounds = [1, 10] if example.quick else [1, 3, 10, 50]
    found = example.perceptron("tolerance", {"closed_loop.iterations": rounds, "closed_loop.tolerance": tolerances})
    rows = [{**row, "rounds": f"at most {row['closed_loop.iterations']} rounds"} for row in found.rows]
    accepted = Axis("closed_loop.tolerance", "error that a verify accepts (fraction of the range of the MSP)", log=True)
    for name, y in {
        "accuracy": ACCURACY,
        "missed": Axis("missed_fraction", "weights that a transfer left outside the tolerance (%)", 100),
        "writes": Axis("msp_writes_per_cell_p99", "writes of a phase-change cell, 99th percentile"),
    }.items():
        path = plot_curves(
            rows,
            accepted,
            y,
            example.out / f"{name}.png",
            title=f"Closed-loop transfer, {found.dataset}",
            series="rounds",
            reference={"floating point": example.float_accuracy()} if name == "accuracy" else None,
        )
        print(path)


if __name__ == "__main__":
    main()
