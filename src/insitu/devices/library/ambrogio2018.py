"""The two cells of Ambrogio et al. 2018: phase-change memory (MSP) and 3T1C capacitor (LSP).

Only the abstract and four captions of Extended Data were at hand: ranges and rest are theirs, the pulse laws are ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from insitu.devices.base import Retention, Spread
from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.li2018 import LI2018
from insitu.devices.library.nandakumar2018 import NANDAKUMAR2018
from insitu.devices.library.parameter_set import ParameterSet, Value

_CITATION = bibtex(
    "ambrogio2018", "Ambrogio, S. and others", 2018, journal="Nature", volume=558, pages="60--67",
    doi="10.1038/s41586-018-0180-5",
)  # fmt: skip
_SOURCE = "S. Ambrogio et al., Nature 558, 60 (2018): abstract and captions of Extended Data Figs. 2, 7, 9 and 10 only."

_PCM: Any = NANDAKUMAR2018.device
_SCALE = 20e-6 * 0.084 / 0.892e-6  # stretches its law, so that it saturates at 20 uS
_STRETCHED = (
    "from nandakumar2018-pcm, stretched so that the mean saturates at 20 uS; the measured tables were not found"
)
_TAKEN = "from nandakumar2018-pcm; not found for this array"

PCM = ParameterSet(
    name="ambrogio2018-pcm",
    device=replace(
        _PCM,
        g_min=0.0,
        step_up=0.892e-6 * _SCALE,
        saturation=20e-6,
        c2c_sd=0.575e-6 * _SCALE,
        residue=0.1e-6,
    ),
    summary="one-sided, 0 to 20 uS: nandakumar2018 stretched",
    citation=_CITATION,
    source=_SOURCE,
    validity=(
        "The working range is that of the array (512 x 1,024 devices, programmed by trains of eight SET steps of 1.7 to "
        "550 ns); the law of a single pulse is ours. Yield, endurance and spread of the cells are left out."
    ),
    provenance={
        "g_min": Value("ours", "off can be 0 S; what a RESET leaves is residue"),
        "g_max": Value("stated", "the mapping from pulse length to conductance is monotonic up to 20 uS (Ext. Data Fig. 7)"),
        "step_up": Value("ours", _STRETCHED),
        "saturation": Value("ours", "20 uS, so that SET fills the working range"),
        "c2c_sd": Value("ours", _STRETCHED),
        "residue": Value("ours", "0.1 uS after RESET, from nandakumar2018-pcm"),
    }
    | {
        name: Value("ours", _TAKEN)
        for name in (
            "c2c_slope", "residue_sd", "retention.nu", "retention.t0", "read_noise.cv", "read_noise.sd",
        )
    },
)  # fmt: skip

_CELL: Any = LI2018.device
_RANGE = (
    "range / 1000 at mid-range: 100 to 1,000 pulses are asked of a weight over 16,000 examples (Ext. Data Fig. 2), so the "
    "range must be of the order of 500 to 1,000 pulses"
)
CAPACITOR = ParameterSet(
    name="ambrogio2018-3t1c",
    device=replace(
        _CELL,
        g_min=0.0,
        g_max=20e-6,
        step_up=0.8 * _CELL.step_up,
        step_down=0.8 * _CELL.step_down,
        c2c_sd=0.3 * 20e-6 / 1000,
        spread=Spread(step_cv=0.1, range_cv=0.07, asymmetry_cv=0.12),
        retention=Retention(tau=1.0, tau_cv=0.3, rest=16e-6),
    ),
    summary="1,000 nearly equal steps, leaks to 0.8 of its range",
    citation=_CITATION,
    source=_SOURCE + " The capacitors were simulated there as well.",
    validity=(
        "The conductance is taken as linear in the capacitor voltage, 0 to 1 V over the range, and starts at 0.5 V after a "
        "transfer; in the paper it rises faster than that. The spreads are those of li2018-3t1c."
    ),
    provenance={
        "g_min": Value("ours", "0 V on the capacitor"),
        "g_max": Value("ours", "1 V on the capacitor, as much as a phase-change cell of the same weight"),
        "step_up": Value("inferred", _RANGE),
        "step_down": Value("inferred", _RANGE),
        "gamma_up": Value("ours", "as li2018-3t1c"),
        "gamma_down": Value("ours", "as li2018-3t1c"),
        "c2c_sd": Value("ours", "0.3 of a step, as li2018-3t1c"),
        "spread.step_cv": Value(
            "ours", "as li2018-3t1c; that pull-up and pull-down vary is stated (Ext. Data Fig. 10)"
        ),
        "spread.range_cv": Value(
            "ours", "as li2018-3t1c; that g varies with the read transistor is stated (Ext. Data Fig. 10)"
        ),
        "spread.asymmetry_cv": Value("ours", "as li2018-3t1c"),
        "retention.tau": Value("ours", "not found: a million examples, as li2018-3t1c, at 1 us each"),
        "retention.tau_cv": Value("ours", "as li2018-3t1c"),
        "retention.rest": Value("stated", "leakage takes the capacitor towards about 0.8 V (Ext. Data Fig. 9)"),
    },
)

SETS = (PCM, CAPACITOR)
