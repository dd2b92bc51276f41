"""Devices as the presets of aihwkit represent them, their dimensionless weights brought to an assumed scale.

The numbers are those of aihwkit (MIT licence), src/aihwkit/simulator/presets/devices.py; no code is taken over. Its
conventions of up and down are kept: a positive ``up_down`` weakens the down step only, and a slope refers to the bound that
the pulse moves to, so that ``dw_min`` is the mean step at w = 0 (in the exponential law the factor before it).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from insitu.devices.base import Device, Spread
from insitu.devices.constant import ConstantStep
from insitu.devices.exponential import ExponentialStep
from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.parameter_set import ParameterSet, Value
from insitu.devices.linear import LinearStep
from insitu.devices.pcm import ExponentialPhaseChange
from insitu.devices.table import TableStep

#: The assumed scale: w = 0 is ZERO, and a unit of w is UNIT, both in S.
ZERO, UNIT = 10e-6, 5e-6
SCALE = "10 uS at w = 0, 5 uS a unit of w"


def preset(
    name: str,
    device: Device,
    summary: str,
    citation: str,
    source: str,
    numbers: Mapping[str, str],
    *,
    left_out: str,
    scale: str = SCALE,
    extra: Mapping[str, Value] | None = None,
) -> ParameterSet:
    """Return a parameter set whose ``numbers`` are dimensionless notes of what aihwkit states, by field of the device.

    Ranges are tagged ours, for they are the assumed scale; other numbers in siemens inferred, for they follow from what is
    stated and that scale; the rest stated. ``extra`` goes before all that.
    """
    siemens = {*device.units, *(("up", "down", "up_sd", "down_sd") if isinstance(device, TableStep) else ())}
    provenance = {}
    for field, note in numbers.items():
        if field in ("g_min", "g_max"):
            provenance[field] = Value("ours", f"{note} (stated) at the assumed scale")
        elif field in siemens:
            provenance[field] = Value("inferred", f"{note} (stated) at the assumed scale")
        else:
            provenance[field] = Value("stated", note)
    return ParameterSet(
        name=name,
        device=device,
        summary=summary,
        citation=citation,
        source=f"{source} The numbers are those of the preset in aihwkit; the paper was not read.",
        validity=(
            f"Normalised; absolute scale assumed: {scale}. For identical pulses, within the pulse numbers of the fit; no "
            f"dependence on amplitude, width or temperature. Where bounds differ from cell to cell, the step is anchored "
            f"at the bound that a pulse leaves, in aihwkit at w = 0. Left out: {left_out}."
        ),
        provenance={**provenance, **(extra or {})},
    )


def soft(step: float, high: float, low: float, c2c: float, **others: Spread) -> TableStep:
    """Return soft bounds of aihwkit, dw = step (1 - w / bound + c2c z): the scatter does not shrink with the step."""
    up, down = 1 - low / high, 1 - high / low  # the step at the bound that a pulse leaves, in units of ``step``
    return TableStep(
        g_min=ZERO + low * UNIT,
        g_max=ZERO + high * UNIT,
        step_up=up * step * UNIT,
        step_down=down * step * UNIT,
        up=(1.0, 0.0),
        down=(0.0, 1.0),
        up_sd=(1 / up, 1 / up),
        down_sd=(1 / down, 1 / down),
        c2c_cv=c2c,
        spread=others.get("spread", Spread()),
    )


def linear(step: float, high: float, low: float, gamma_up: float, gamma_down: float, **others: object) -> LinearStep:
    """Return the linear step of aihwkit, dw = step (1 - gamma w / bound), bound = high for up and low for down pulses."""
    up, down = 1 - gamma_up * low / high, 1 - gamma_down * high / low
    return LinearStep(
        g_min=ZERO + low * UNIT,
        g_max=ZERO + high * UNIT,
        step_up=up * step * UNIT,
        step_down=down * step * UNIT,
        gamma_up=gamma_up * (high - low) / high / up,
        gamma_down=gamma_down * (low - high) / low / down,
        **others,  # type: ignore[arg-type]
    )


def bounds(low: float, high: float) -> dict[str, str]:
    """Return the notes on a range of w."""
    return {"g_min": f"w_min {low:g}", "g_max": f"w_max {high:g}"}


_GONG2018 = bibtex("gong2018", "Gong, N. and others", 2018, journal="Nature Communications", doi="10.1038/s41467-018-04485-1")
_GONG2018_SOURCE = (
    "N. Gong et al., Nat. Commun. (2018), s41467-018-04485-1: HfO2 RRAM, 1000 up and 1000 down pulses; which device, bias "
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

_TABLE = {
    "up": "slope of soft bounds: full step at the lower bound, none at the upper",
    "down": "slope of soft bounds: full step at the upper bound, none at the lower",
    "up_sd": "additive noise, in units of the first step",
    "down_sd": "additive noise, in units of the first step",
}
_ASYMMETRY = {"spread.asymmetry_cv": Value("inferred", "twice up_down_dtod 0.01 (stated), to first order")}

GONG2018_SOFT = preset(
    "gong2018-reram-soft",
    soft(0.002, 1.25, -0.75, 3.75, spread=Spread(step_cv=0.3, asymmetry_cv=0.02, range_sd=0.3 * UNIT)),
    "the same data by soft bounds, a looser fit",
    _GONG2018,
    _GONG2018_SOURCE,
    {
        **bounds(-0.75, 1.25),
        "step_up": "dw_min 0.002 times 1.6 at w_min",
        "step_down": "dw_min 0.002 times 2.67 at w_max",
        **_TABLE,
        "c2c_cv": "dw_min_std 3.75",
        "spread.step_cv": "dw_min_dtod 0.3, here log-normal",
        "spread.range_sd": "w_max_dtod 0.24 of 1.25 and w_min_dtod 0.4 of 0.75, both 0.3",
    },
    left_out="write noise of 0.112 of w (0.56 uS) and a subtracted reference",
    extra=_ASYMMETRY,
)


def _gong2022(
    material: str, label: str, step: float, dtod: float, c2c: float, high: float, low: float, out: str
) -> ParameterSet:
    """Return a set of the 6T1R arrays; their log-normal step factor exp(dtod z) has a mean above 1."""
    mean, step_cv = math.exp(dtod**2 / 2), math.sqrt(math.expm1(dtod**2))
    range_sd = math.sqrt((high**2 + low**2) / 2)
    spread = Spread(step_cv=step_cv, asymmetry_cv=0.02, range_sd=range_sd * UNIT)
    size = f"dw_min {step:g} times 2 at the bound, times {mean:.4g}, the mean of exp({dtod:g} z)"
    return preset(
        f"gong2022-{material.lower()}",
        soft(mean * step, 1.0, -1.0, c2c, spread=spread),
        f"{label} in 14 nm CMOS: {2 / step:.0f} levels, very unequal cells",
        bibtex("gong2022", "Gong, N. and Rasch, M. J. and others", 2022, "inproceedings", booktitle="IEDM", note="IEEE 10019569"),
        "N. Gong, M. J. Rasch et al., IEDM (2022), document 10019569: 6T1R arrays, up to 2,000 devices.",
        {
            **bounds(-1, 1),
            "step_up": size,
            "step_down": size,
            **_TABLE,
            "c2c_cv": f"dw_min_std {c2c:g}",
            "spread.range_sd": f"quadratic mean of w_max_dtod {high:g} and w_min_dtod {low:g}",
        },
        left_out=out,
        extra=_ASYMMETRY
        | {"spread.step_cv": Value("inferred", f"dw_min_dtod {dtod:g} (stated) is the sd of the logarithm")},
    )


GONG2022_OM = _gong2022(
    "OM", "'OM' oxide", 0.0949, 0.7829, 0.4158, 0.3499, 0.5695,
    "write noise of 0.134 of w (0.67 uS), a reference error of 0.05 of w, and 13.5 % of cells that were lost in the "
    "measurement (off in the preset as well)",
)  # fmt: skip
GONG2022_HFO2 = _gong2022(
    "HfO2", "HfO2", 0.4622, 0.7125, 0.2174, 0.4295, 0.5990,
    "write noise of 0.270 of w (1.35 uS), a reference error of 0.05 of w, and 9.8 % of cells that were lost in the "
    "measurement (off in the preset as well)",
)  # fmt: skip


def _ecram(
    name: str, summary: str, citation: str, source: str, step: float, high: float, gammas: tuple[float, float], c2c: float
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
        extra=_ASYMMETRY
        | {
            "gamma_up": Value("inferred", slope.format("up", gammas[0])),
            "gamma_down": Value("inferred", slope.format("down", gammas[1])),
        },
    )


TANG2018 = _ecram(
    "tang2018-ecram",
    "Li/LiPON/WO3: 1000 linear steps",
    bibtex("tang2018", "Tang, J. and others", 2018, "inproceedings", booktitle="IEDM", note="IEEE 8614551"),
    "J. Tang et al., IEDM (2018), document 8614551: gate current pulses, 1000 up and 1000 down.",
    0.002, 1.1724, (0.1153, 0.5085), 0.3,
)  # fmt: skip
KIM2019 = _ecram(
    "kim2019-ecram",
    "metal oxide: 7000 linear steps, scatter twice a step",
    bibtex("kim2019", "Kim, S. and others", 2019, "inproceedings", booktitle="IEDM", note="IEEE 8993463"),
    "S. Kim et al., IEDM (2019), document 8993463: voltage pulses down to 10 ns.",
    2.8214e-4, 1.1714, (0.4152, 0.7342), 2.0,
)  # fmt: skip


def _specified(
    name: str, summary: str, citation: str, source: str, step: float, asymmetry_cv: float | None
) -> ParameterSet:
    spread = Spread(step_cv=0.3, asymmetry_cv=asymmetry_cv, range_sd=0.3 * UNIT)
    edges = {"g_min": ZERO - UNIT, "g_max": ZERO + UNIT}
    return preset(
        name,
        ConstantStep(**edges, step_up=step * UNIT, step_down=step * UNIT, c2c_cv=0.3, spread=spread),
        summary,
        citation,
        f"{source} A specification, not a measured device.",
        {
            **bounds(-1, 1),
            "step_up": f"dw_min {step:g}",
            "step_down": f"dw_min {step:g}",
            "c2c_cv": "dw_min_std 0.3",
            "spread.step_cv": "dw_min_dtod 0.3, here log-normal",
            "spread.range_sd": "w_max_dtod and w_min_dtod 0.3",
        },
        left_out="nothing else",
        extra=_ASYMMETRY if asymmetry_cv else {},
    )


GOKMEN2016 = _specified(
    "gokmen2016-rpu",
    "1250 constant steps, 30 % scatter of everything",
    bibtex(
        "gokmen2016", "Gokmen, T. and Vlasov, Y.", 2016, journal="Frontiers in Neuroscience", volume=10, number=333,
        doi="10.3389/fnins.2016.00333",
    ),
    "T. Gokmen and Y. Vlasov, Front. Neurosci. 10, 333 (2016).",
    0.0016, 0.02,
)  # fmt: skip
RASCH2019 = _specified(
    "rasch2019-idealized",
    "10,000 constant steps, 30 % scatter",
    bibtex("rasch2019", "Rasch, M. J. and Gokmen, T. and Haensch, W.", 2019, "misc", eprint="1906.02698",
           archiveprefix="arXiv"),
    "M. J. Rasch, T. Gokmen and W. Haensch, arXiv 1906.02698 (2019).",
    0.0002, None,
)  # fmt: skip

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
    bibtex("nandakumar2020", "Nandakumar, S. R. and others", 2020, journal="Frontiers in Neuroscience", volume=14, number=406,
           doi="10.3389/fnins.2020.00406"),
    "S. R. Nandakumar et al., Front. Neurosci. 14, 406 (2020).",
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

SETS = (
    GONG2018,
    GONG2018_SOFT,
    GONG2022_OM,
    GONG2022_HFO2,
    TANG2018,
    KIM2019,
    GOKMEN2016,
    RASCH2019,
    NANDAKUMAR2020,
)
