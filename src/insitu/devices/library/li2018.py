"""The capacitor cell (3T1C) of Li et al. 2018: nearly equal steps in both directions, and a leak."""

from __future__ import annotations

from insitu.devices.base import Retention, Spread
from insitu.devices.library.aihwkit import UNIT, ZERO, bounds, linear, preset
from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.parameter_set import Value

#: of one training example, assumed: the preset counts its leak in mini-batches
EXAMPLE_SECONDS = 1e-6

LI2018 = preset(
    "li2018-3t1c",
    linear(
        0.005, 1.0, -1.0, 0.05, 0.05,
        c2c_sd=0.3 * 0.005 * UNIT,
        spread=Spread(step_cv=0.1, asymmetry_cv=0.12, range_sd=0.07 * UNIT),
        retention=Retention(tau=1e6 * EXAMPLE_SECONDS, tau_cv=0.3, rest=ZERO),
    ),
    "14 nm: 400 nearly equal steps, leaks to mid-range",
    bibtex("li2018", "Li, Y. and others", 2018, "inproceedings", booktitle="Symposium on VLSI Technology",
           doi="10.1109/VLSIT.2018.8510648"),
    "Y. Li et al., Symposium on VLSI Technology (2018), document 8510648: trench capacitor and read-out transistor, 400 up "
    "and 400 down pulses, 10 % asymmetry at the bounds.",
    {
        **bounds(-1, 1),
        "step_up": "dw_min 0.005 at w = 0, with gamma_up 0.05 at w_min",
        "step_down": "dw_min 0.005 at w = 0, with gamma_down 0.05 at w_max",
        "c2c_sd": "dw_min_std 0.3 times dw_min 0.005, additive",
        "spread.step_cv": "dw_min_dtod 0.1, here log-normal",
        "spread.range_sd": "w_max_dtod and w_min_dtod 0.07",
        "retention.tau_cv": "lifetime_dtod 0.3",
        "retention.rest": "the leak goes to reset = 0 of w",
    },
    left_out="a spread of the slopes of 0.01, and that the additive scatter of a cell follows its step",
    extra={
        "gamma_up": Value("inferred", "gamma_up 0.05 (stated), brought from the bounds to the range"),
        "gamma_down": Value("inferred", "gamma_down 0.05 (stated), brought from the bounds to the range"),
        "spread.asymmetry_cv": Value("inferred", "twice up_down_dtod 0.06 (stated), to first order"),
        "retention.tau": Value("ours", "lifetime of 1e6 mini-batches (stated) at an assumed 1 us each; rescale it to yours"),
    },
)  # fmt: skip

SETS = (LI2018,)
