"""Cells that are specified, not measured: Gokmen and Vlasov 2016, and the idealised cell of Rasch et al. 2019."""

from __future__ import annotations

from insitu.devices.base import Spread
from insitu.devices.constant import ConstantStep
from insitu.devices.library.aihwkit import ASYMMETRY, UNIT, ZERO, bounds, preset
from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.parameter_set import ParameterSet


def _specified(
    name: str, summary: str, citation: str, source: str, step: float, asymmetry_cv: float | None
) -> ParameterSet:
    spread = Spread(step_cv=0.3, asymmetry_cv=asymmetry_cv, range_sd=0.3 * UNIT)
    size = step * UNIT
    return preset(
        name,
        ConstantStep(g_min=ZERO - UNIT, g_max=ZERO + UNIT, step_up=size, step_down=size, c2c_cv=0.3, spread=spread),
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
        extra=ASYMMETRY if asymmetry_cv else {},
    )


GOKMEN2016 = _specified(
    "gokmen2016-rpu",
    "1250 constant steps, 30 % scatter of everything",
    bibtex(
        "gokmen2016", "Gokmen, T. and Vlasov, Y.", 2016, journal="Frontiers in Neuroscience", volume=10, pages=333,
        doi="10.3389/fnins.2016.00333",
    ),
    "T. Gokmen and Y. Vlasov, Front. Neurosci. 10, 333 (2016).",
    0.0016, 0.02,
)  # fmt: skip
RASCH2019 = _specified(
    "rasch2019-idealized",
    "10,000 constant steps, 30 % scatter",
    bibtex("rasch2019", "Rasch and Gokmen and Haensch", 2019, "misc", eprint="1906.02698",
           archiveprefix="arXiv"),
    "Rasch, Gokmen and Haensch, arXiv 1906.02698 (2019).",
    0.0002, None,
)  # fmt: skip

SETS = (
    GOKMEN2016,
    RASCH2019,
)
