"""The 14 nm RRAM arrays of Gong, Rasch et al. 2022, as aihwkit fits them."""

from __future__ import annotations

import math

from insitu.devices.base import Spread
from insitu.devices.library.aihwkit import ASYMMETRY, TABLE, UNIT, bounds, preset, soft
from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.parameter_set import ParameterSet, Value


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
        soft(mean * step, 1.0, -1.0, c2c, spread),
        f"{label} in 14 nm CMOS: {2 / step:.0f} levels, very unequal cells",
        bibtex("gong2022", "Gong and Rasch and others", 2022, "inproceedings", booktitle="IEDM", note="IEEE 10019569"),
        "Gong, Rasch et al., IEDM (2022), document 10019569: 6T1R arrays, up to 2,000 devices.",
        {
            **bounds(-1, 1),
            "step_up": size,
            "step_down": size,
            "c2c_cv": f"dw_min_std {c2c:g}",
            "spread.range_sd": f"quadratic mean of w_max_dtod {high:g} and w_min_dtod {low:g}",
        },
        left_out=out,
        extra=ASYMMETRY
        | TABLE
        | {"spread.step_cv": Value("inferred", f"dw_min_dtod {dtod:g} (stated) is the sd of the logarithm")},
    )


GONG2022_OM = _gong2022(
    "OM", "'OM' material", 0.0949, 0.7829, 0.4158, 0.3499, 0.5695,
    "write noise of 0.134 of w (0.67 uS), a reference error of 0.05 of w, and 13.5 % of cells that were lost in the "
    "measurement (off in the preset as well)",
)  # fmt: skip
GONG2022_HFO2 = _gong2022(
    "HfO2", "HfO2", 0.4622, 0.7125, 0.2174, 0.4295, 0.5990,
    "write noise of 0.270 of w (1.35 uS), a reference error of 0.05 of w, and 9.8 % of cells that were lost in the "
    "measurement (off in the preset as well)",
)  # fmt: skip

SETS = (
    GONG2022_OM,
    GONG2022_HFO2,
)
