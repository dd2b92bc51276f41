"""Subquantum conductive-bridge memory of Shi et al. 2018, as analogue and as binary cell.

Only the abstract, the introduction and the caption of Fig. 3 of the paper were at hand. The *form* of the update law is
stated there; every number is ours and says so.
"""

from __future__ import annotations

from dataclasses import replace

from insitu.devices.base import Spread
from insitu.devices.exponential import ExponentialStep
from insitu.devices.library.parameter_set import ParameterSet, Value
from insitu.devices.switch import StochasticSwitch

_CITATION = """@article{shi2018,
  author = {Shi, Yuhan and Nguyen, Leon and Oh, Sangheon and Liu, Xin and Koushan, Foroozan and Jameson, John R.
            and Kuzum, Duygu},
  title = {Neuroinspired unsupervised learning and pruning with subquantum {CBRAM} arrays},
  journal = {Nature Communications},
  volume = {9},
  pages = {5312},
  year = {2018},
  doi = {10.1038/s41467-018-07682-0},
}"""
_SOURCE = (
    "Shi et al., Nat. Commun. 9, 5312 (2018): abstract, introduction and caption of Fig. 3 only; the methods, "
    "the pulse tables and the measured curves were not available, so no number here is the paper's."
)
_WEAR = (
    "No endurance is set because none was found; data sheets of CBRAM products of the same maker promise 1e4 to 1e5 "
    "byte writes. Drift, retention, read noise and dependence on pulse amplitude are left out."
)

_G_MAX, _G_MIN = 7.0e-6, 0.35e-6
_A, _B, _C = 0.252, 3.0, 0.004  # LTP dw = a exp(-b (w + 1)), LTD dw = -c, w from -1 to 1
_SIEMENS = (_G_MAX - _G_MIN) / 2  # of one unit of w

_RANGE = {
    "g_min": Value("ours", "g_max / 20, an assumed on/off ratio"),
    "g_max": Value(
        "ours",
        "about three times the conductance of a filament one tellurium atom wide, 0.03 G0 = 2.3 uS; that one is "
        "recalled from Jameson et al., Appl. Phys. Lett. 108, 053505 (2016), and not verified",
    ),
    "spread.range_cv": Value("ours", "not found; meant to be swept"),
}

ANALOGUE = ParameterSet(
    name="shi2018-cbram",
    device=ExponentialStep(
        g_min=_G_MIN,
        g_max=_G_MAX,
        step_up=_A * _SIEMENS,
        step_down=_C * _SIEMENS,
        decay_up=2 * _B,
        decay_down=0.0,
        c2c_cv=0.3,
        spread=Spread(step_cv=0.3, range_cv=0.05, asymmetry_cv=0.1),
    ),
    summary="subquantum CBRAM, analogue: LTP step decays exponentially with the state, LTD step constant",
    citation=_CITATION,
    source=_SOURCE + " The form of the law is: LTP exponential, LTD constant (caption of Fig. 3c).",
    validity="For identical pulses, weight -1 to 1 mapped linearly to g_min to g_max. " + _WEAR,
    provenance=_RANGE
    | {
        "step_up": Value("ours", "a = 0.252 in dw = a exp(-b (w + 1)), times 3.325 uS a unit of w"),
        "step_down": Value("ours", "c = 0.004 in dw = -c, times 3.325 uS a unit of w; that LTD is constant is stated"),
        "decay_up": Value("ours", "2 b with b = 3; that LTP decays exponentially is stated, the rate was not found"),
        "decay_down": Value("stated", "0: LTD is constant (caption of Fig. 3c)"),
        "c2c_cv": Value("ours", "not found; meant to be swept"),
        "spread.step_cv": Value("ours", "not found; meant to be swept"),
        "spread.asymmetry_cv": Value("ours", "not found; meant to be swept"),
    },
)

_TIMES = 3
_STRONG = "three times that of shi2018-cbram, for training with fewer, stronger pulses"
STRONG = replace(
    ANALOGUE,
    name="shi2018-cbram-strong",
    device=replace(
        ANALOGUE.device, step_up=_TIMES * ANALOGUE.device.step_up, step_down=_TIMES * ANALOGUE.device.step_down
    ),
    summary="the analogue cell under stronger pulses: each step three times as large",
    provenance={**ANALOGUE.provenance, "step_up": Value("ours", _STRONG), "step_down": Value("ours", _STRONG)},
)

BINARY = ParameterSet(
    name="shi2018-cbram-binary",
    device=StochasticSwitch(
        g_min=_G_MIN,
        g_max=_G_MAX,
        levels=2,
        probability_up=1.0,
        probability_down=1.0,
        spread=Spread(range_cv=0.05),
    ),
    summary="subquantum CBRAM, binary: the cell of the 512 kbit array in its digital use",
    citation=_CITATION,
    source=_SOURCE + " The digital use of the 512 kbit array is stated (abstract).",
    validity="For pulses that switch for certain; lower the probabilities to sweep write errors. " + _WEAR,
    provenance=_RANGE
    | {
        "levels": Value("inferred", "two: a digital implementation on a 512 kbit array (abstract) is one bit a cell"),
        "probability_up": Value("ours", "certain switching; the write error rate was not found"),
        "probability_down": Value("ours", "certain switching; the write error rate was not found"),
    },
)

SETS = (ANALOGUE, STRONG, BINARY)
