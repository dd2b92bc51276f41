"""Electrochemical cells of Tang et al. 2018 and Kim et al. 2019, as aihwkit fits them."""

from __future__ import annotations

import math

from insitu.devices.base import Spread
from insitu.devices.library.aihwkit import ASYMMETRY, UNIT, bounds, linear, preset
from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.parameter_set import ParameterSet, Value


def _ecram(
    name: str,
    summary: str,
    citation: str,
    source: str,
    step: float,
    high: float,
    gammas: tuple[float, float],
    c2c: float,
) -> ParameterSet:
    low = round(high - 2, 4)
    spread = Spread(step_cv=0.1, asymmetry_cv=0.02, range_sd=0.05 * UNIT * math.sqrt((high**2 + low**2) / 2))
    slope = "gamma_{} {:g} (stated), brought from the bounds to the range"
    return preset(
        name,
        linear(step, high, low, *gammas, c2c_cv=c2c, spread=spread),
        summary,
        citation,
        source,
        {
            **bounds(low, high),
            "step_up": f"dw_min {step:g} at w = 0, with gamma_up {gammas[0]:g} at w_min",
            "step_down": f"dw_min {step:g} at w = 0, with gamma_down {gammas[1]:g} at w_max",
            "c2c_cv": f"dw_min_std {c2c:g}",
            "spread.step_cv": "dw_min_dtod 0.1, here log-normal",
            "spread.range_sd": f"quadratic mean of w_max_dtod 0.05 of {high:g} and w_min_dtod 0.05 of {-low:g}",
        },
        left_out="a spread of the slopes of 0.05",
        extra=ASYMMETRY
        | {
            "gamma_up": Value("inferred", slope.format("up", gammas[0])),
            "gamma_down": Value("inferred", slope.format("down", gammas[1])),
        },
    )


TANG2018 = _ecram(
    "tang2018-ecram",
    "Li/LiPON/WO3: 1000 linear steps",
    bibtex("tang2018", "Tang and others", 2018, "inproceedings", booktitle="IEDM", note="IEEE 8614551"),
    "Tang et al., IEDM (2018), document 8614551: gate current pulses, 1000 up and 1000 down.",
    0.002, 1.1724, (0.1153, 0.5085), 0.3,
)  # fmt: skip
KIM2019 = _ecram(
    "kim2019-ecram",
    "metal oxide: 7000 linear steps, scatter twice a step",
    bibtex("kim2019", "Kim and others", 2019, "inproceedings", booktitle="IEDM", note="IEEE 8993463"),
    "Kim et al., IEDM (2019), document 8993463: voltage pulses down to 10 ns.",
    2.8214e-4, 1.1714, (0.4152, 0.7342), 2.0,
)  # fmt: skip

SETS = (
    TANG2018,
    KIM2019,
)
