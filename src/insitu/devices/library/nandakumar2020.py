"""Phase-change memory of Nandakumar et al. 2020, as aihwkit represents it."""

from __future__ import annotations

from insitu.devices.base import Spread
from insitu.devices.library.aihwkit import preset
from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.parameter_set import Value
from insitu.devices.pcm import ExponentialPhaseChange

_PCM_SCALE = "0 S at w = 0, 10 uS a unit of w"
_FIRST = 1 + 27.235  # step at w = 0, in dw_min
NANDAKUMAR2020 = preset(
    "nandakumar2020-pcm",
    ExponentialPhaseChange(
        g_min=0.0,
        g_max=20e-6,
        step_up=0.01 * _FIRST * 10e-6,
        decay_up=5.0,
        floor_up=1 / _FIRST,
        c2c_cv=0.6,
        c2c_slope=0.6 * 0.108,
        c2c_sd=0.6 * 0.042 * 10e-6,
        residue=0.01 * 10e-6,
        residue_sd=0.02 * 10e-6,
        spread=Spread(step_cv=0.2, range_cv=0.1),
    ),
    "GST, one-sided: SET decays exponentially",
    bibtex("nandakumar2020", "Nandakumar and others", 2020, journal="Frontiers in Neuroscience",
           doi="10.3389/fnins.2020.00406"),
    "Nandakumar et al., Front. Neurosci. (2020), doi 10.3389/fnins.2020.00406.",
    {
        "g_min": "w_min 0",
        "g_max": "w_max 2",
        "step_up": "dw_min 0.01 times 1 - A_up = 28.235, A_up -27.235",
        "c2c_cv": "dw_min_std 0.6",
        "c2c_sd": "dw_min_std 0.6 times the additive part 0.042",
        "residue": "reset 0.01",
        "residue_sd": "reset_dtod 0.02, frozen in each cell there, drawn at each RESET here",
        "spread.step_cv": "dw_min_dtod 0.2, here log-normal",
        "spread.range_cv": "w_max_dtod 0.1, here log-normal; w_min_dtod is 0, as g_min is",
    },
    left_out="gradual down pulses, which the preset never gives: cells are pairs that are RESET and written anew",
    scale=_PCM_SCALE,
    extra={
        "decay_up": Value("inferred", "gamma_up 2.5 (stated) over w from 0 to 2"),
        "floor_up": Value("inferred", "1 / (1 - A_up), A_up -27.235 (stated)"),
        "c2c_slope": Value("inferred", "dw_min_std 0.6 times the slope 0.108 (both stated)"),
    },
)  # fmt: skip

SETS = (NANDAKUMAR2020,)
