"""The ideal cell: equal steps everywhere, no noise, no spread, no wear."""

from __future__ import annotations

from insitu.devices.constant import ConstantStep
from insitu.devices.library.parameter_set import ParameterSet, Value

IDEAL = ParameterSet(
    name="ideal",
    device=ConstantStep(g_min=0.0, g_max=100e-6, step_up=0.1e-6, step_down=0.1e-6),
    summary="constant symmetric step, 1000 levels, no noise, no spread, no wear",
    citation="",
    source="not a measured device: the reference against which the others are judged.",
    validity="Its scale is arbitrary; only the ratio of step to range, 1/1000, enters the learning.",
    provenance={
        "g_min": Value("ours", "an ideal cell can be switched off completely"),
        "g_max": Value("ours", "a round number near the conductance quantum, 77.5 uS"),
        "step_up": Value("ours", "a thousandth of the range"),
        "step_down": Value("ours", "equal to step_up: symmetric"),
    },
)

SETS = (IDEAL,)
