"""Phase-change memory by the one-pulse statistics of Nandakumar et al. 2018."""

from __future__ import annotations

from insitu.devices.base import ReadNoise, Retention
from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.parameter_set import ParameterSet, Value
from insitu.devices.pcm import PhaseChange

_VIA = "one-pulse form in meta-analog, memristor.py"

NANDAKUMAR2018 = ParameterSet(
    name="nandakumar2018-pcm",
    device=PhaseChange(
        g_min=0.1e-6,
        g_max=20e-6,
        step_up=0.892e-6,
        saturation=0.892e-6 / 0.084,
        c2c_slope=0.09,
        c2c_sd=0.575e-6,
        residue_sd=0.01e-6,
        retention=Retention(nu=0.04, t0=38.6),
        read_noise=ReadNoise(cv=0.03, sd=0.13e-6),
    ),
    summary="GST, one-sided: measured statistics of a SET, drift",
    citation=bibtex("nandakumar2018", "Nandakumar and others", 2018),
    source=(
        "Nandakumar et al. (2018), an empirical PCM model: its simplification to single pulses in the public "
        "repository YigitDemirag/meta-analog; the paper, whose model also depends on the number of pulses, was not read."
    ),
    validity=(
        "For identical SET pulses from RESET; the mean of many cells saturates at 10.6 uS, and above it a SET lowers a cell "
        "on average. Drift is shifted by t0, so that it starts from what the write left. Endurance and spread of the cells "
        "are left out; the part of the RESET residue below g_min is cut."
    ),
    provenance={
        "g_min": Value("stated", f"0.1 uS, the state after RESET and the lower limit of a SET ({_VIA})"),
        "g_max": Value("stated", f"20 uS, the upper limit ({_VIA})"),
        "step_up": Value("stated", f"0.892 uS in mean = -0.084 G + 0.892 uS ({_VIA})"),
        "saturation": Value("inferred", f"where mean = -0.084 G + 0.892 uS (stated) is 0 ({_VIA})"),
        "c2c_slope": Value("stated", f"0.09 in sd = 0.09 G + 0.575 uS ({_VIA})"),
        "c2c_sd": Value("stated", f"0.575 uS in sd = 0.09 G + 0.575 uS ({_VIA})"),
        "residue_sd": Value("stated", f"10 % of 0.1 uS ({_VIA})"),
        "retention.nu": Value("stated", f"drift exponent 0.04 ({_VIA})"),
        "retention.t0": Value("stated", f"38.6 s ({_VIA})"),
        "read_noise.cv": Value("stated", f"0.03 in sd = 0.03 G + 0.13 uS ({_VIA})"),
        "read_noise.sd": Value("stated", f"0.13 uS in sd = 0.03 G + 0.13 uS ({_VIA})"),
    },
)

SETS = (NANDAKUMAR2018,)
