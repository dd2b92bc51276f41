"""The gain F of the MSP, for closed-loop and for blind transfer (Cristiano et al. 2018).

    python examples/cristiano2018_gain.py [--seeds 5] [--quick]

W = F (G+ - G-) + (g+ - g-). A small F leaves large weights out of reach; a large F multiplies the programming error of the
MSP, until what a transfer misses no longer fits into the LSP; so does the tolerance of the closed loop, a fraction of the
range of the MSP. The paper's F was not found; all values are ours.
"""

from __future__ import annotations

from common import begin

from insitu.reports.curves import ACCURACY, Axis, plot_curves

HOW = {False: "closed loop", True: "blind"}


def main() -> None:
    example = begin(__doc__, "cristiano2018-gain")
    gains = [1.0, 4.0] if example.quick else [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0]
    found = example.perceptron("gain", {"closed_loop.blind": list(HOW), "cell.gain": gains})
    rows = [{**row, "how": HOW[row["closed_loop.blind"]]} for row in found.rows]
    print(
        plot_curves(
            rows,
            Axis("cell.gain", "F, gain of the MSP against the LSP", log=True),
            ACCURACY,
            example.out / "gain.png",
            title=f"Gain of the more significant pair, {found.dataset}",
            series="how",
            reference={"floating point": example.float_accuracy()},
        )
    )


if __name__ == "__main__":
    main()
