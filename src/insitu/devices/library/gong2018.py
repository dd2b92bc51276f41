"""HfO2 RRAM of Gong et al. 2018, by an exponential law and by soft bounds, as aihwkit fits it."""

from __future__ import annotations

import math

from insitu.devices.base import Spread
from insitu.devices.exponential import ExponentialStep
from insitu.devices.library.aihwkit import ASYMMETRY, TABLE, UNIT, ZERO, bounds, preset, soft
from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.parameter_set import Value

_GONG2018 = bibtex(
    "gong2018", "Gong and others", 2018, journal="Nature Communications", doi="10.1038/s41467-018-04485-1"
)
_GONG2018_SOURCE = (
    "Gong et al., Nat. Commun. (2018), s41467-018-04485-1: HfO2 RRAM, 1000 up and 1000 down pulses; which device, bias "
    "and figure the preset was fitted to is not stated."
)
_A_UP, _A_DOWN = 1 + 1.18445, (1 - 0.259359) * (1 + 0.081404 * math.exp(5))  # first step up and down, in dw_min

GONG2018 = preset(
    "gong2018-reram",
    ExponentialStep(
        g_min=ZERO - UNIT,
        g_max=ZERO + UNIT,
        step_up=0.00135 * _A_UP * UNIT,
        step_down=0.00135 * _A_DOWN * UNIT,
        decay_up=5.0,
        decay_down=5.0,
        floor_up=1 / _A_UP,
        floor_down=1 / (1 + 0.081404 * math.exp(5)),
        c2c_cv=5.0,
        spread=Spread(step_cv=0.2, asymmetry_cv=0.1, range_sd=0.3 * UNIT),
    ),
    "HfO2: 1000 steps, exponential, scatter 5 times a step",
    _GONG2018,
    _GONG2018_SOURCE,
    {
        **bounds(-1, 1),
        "step_up": "dw_min 0.00135 times 1 - A_up = 2.184, A_up -1.18445",
        "step_down": "dw_min 0.00135 times 1 - up_down = 0.741, times 1 - A_down e^5 = 13.08, A_down -0.081404",
        "decay_up": "gamma_up 5 with a = b = -0.5",
        "decay_down": "gamma_down 5 with a = b = -0.5",
        "c2c_cv": "dw_min_std 5.0",
        "spread.step_cv": "dw_min_dtod 0.2, here log-normal",
        "spread.range_sd": "w_max_dtod and w_min_dtod 0.3",
    },
    left_out="write noise of 0.101 of w (0.51 uS), which scatters the read state anew at each pulse and does not add up",
    extra={
        "floor_up": Value("inferred", "1 / (1 - A_up), A_up -1.18445 (stated)"),
        "floor_down": Value("inferred", "1 / (1 - A_down e^5), A_down -0.081404 (stated)"),
        "spread.asymmetry_cv": Value("inferred", "twice up_down_dtod 0.05 (stated), to first order"),
    },
)

GONG2018_SOFT = preset(
    "gong2018-reram-soft",
    soft(0.002, 1.25, -0.75, 3.75, Spread(step_cv=0.3, asymmetry_cv=0.02, range_sd=0.3 * UNIT)),
    "the same data by soft bounds, a looser fit",
    _GONG2018,
    _GONG2018_SOURCE,
    {
        **bounds(-0.75, 1.25),
        "step_up": "dw_min 0.002 times 1.6 at w_min",
        "step_down": "dw_min 0.002 times 2.67 at w_max",
        "c2c_cv": "dw_min_std 3.75",
        "spread.step_cv": "dw_min_dtod 0.3, here log-normal",
        "spread.range_sd": "w_max_dtod 0.24 of 1.25 and w_min_dtod 0.4 of 0.75, both 0.3",
    },
    left_out="write noise of 0.112 of w (0.56 uS) and a subtracted reference",
    extra=ASYMMETRY | TABLE,
)

SETS = (
    GONG2018,
    GONG2018_SOFT,
)
