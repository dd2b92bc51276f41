"""Devices of every family, for tests that hold for all of them."""

from itertools import chain

from hypothesis import settings
from hypothesis import strategies as st

from insitu.devices.constant import ConstantStep
from insitu.devices.exponential import ExponentialStep
from insitu.devices.geometric import GeometricStep
from insitu.devices.jumptable import JumpTable
from insitu.devices.linear import LinearStep
from insitu.devices.pcm import ExponentialPhaseChange, OneSided, PhaseChange
from insitu.devices.power import PowerStep
from insitu.devices.pulsepower import PulsePower
from insitu.devices.saturating import OneSidedSaturating, Saturating
from insitu.devices.sigmoid import SigmoidStep
from insitu.devices.softbounds import SoftBounds
from insitu.devices.switch import StochasticSwitch
from insitu.devices.table import TableStep

settings.register_profile("no deadline", deadline=None)  # a shared machine may pause at any moment
settings.load_profile("no deadline")

RANGE = {"g_min": 1e-6, "g_max": 9e-6}
SET = RANGE | {"step_up": 0.2e-6}
STEPS = SET | {"step_down": 0.1e-6}

EXAMPLES = [
    ConstantStep(**STEPS),
    LinearStep(**STEPS, gamma_up=0.9, gamma_down=-0.5),
    SoftBounds(**STEPS),
    ExponentialStep(**STEPS, decay_up=4.0, decay_down=2.0),
    GeometricStep(**STEPS, gamma_up=0.9, gamma_down=-0.5),
    PowerStep(**STEPS, gamma_up=2.0, gamma_down=0.5),
    PulsePower(**STEPS, alpha_up=3.0, alpha_down=-0.5),
    SigmoidStep(**STEPS, rise_up=20.0, rise_down=0.5, fall_up=1.0, fall_down=-0.5),
    StochasticSwitch(**RANGE, levels=5, probability_up=0.3, probability_down=0.8),
    TableStep(**STEPS, up=(1.0, 0.5, 0.0), down=(0.2, 0.6, 1.0)),
    JumpTable(**STEPS, nodes=2, up=(0.0, 1.0, 3.0, -1.0, 0.0, 2.0), down=(0.0, 0.1, 0.2, -0.2, 1.0, 1.5), c2c_cv=1.0),
    Saturating(**STEPS, delay=0.7),
    PhaseChange(**SET, saturation=10e-6, c2c_slope=0.1, c2c_sd=0.3e-6, residue_sd=0.1e-6),
    ExponentialPhaseChange(**SET, decay_up=4.0, floor_up=0.1, c2c_sd=0.1e-6),
    OneSidedSaturating(**SET, delay=1.0, c2c_slope=0.05),
]
FAMILIES = [type(device) for device in EXAMPLES]


def _number(low, high):
    return st.floats(low, high, allow_nan=False)


@st.composite
def devices(draw):
    """Draw a device of any family with sensible but wide parameters."""
    family = draw(st.sampled_from(FAMILIES))
    g_min = draw(_number(1e-9 if family is GeometricStep else 0, 5e-5))
    values = {"g_min": g_min, "g_max": g_min + draw(_number(1e-8, 1e-4))}
    if family is StochasticSwitch:
        chances = {f"probability_{way}": draw(_number(0.01, 1)) for way in ("up", "down")}
        return family(**values, levels=draw(st.integers(2, 64)), **chances)
    reach = values["g_max"] - g_min
    ways = ("up",) if issubclass(family, OneSided) else ("up", "down")
    values |= {f"step_{way}": draw(_number(0, 1)) * reach for way in ways}
    values["c2c_cv"] = draw(st.none() | _number(0, 2))
    extra = {
        LinearStep: {"gamma_up": (-3, 1), "gamma_down": (-3, 1)},
        GeometricStep: {"gamma_up": (-3, 1), "gamma_down": (-3, 1)},
        ExponentialStep: {"decay_up": (-3, 20), "decay_down": (-3, 20)},
        PowerStep: {"gamma_up": (0, 5), "gamma_down": (0, 5)},
        PulsePower: {"alpha_up": (-3, 8), "alpha_down": (-3, 8)},
        SigmoidStep: {"rise_up": (0, 50), "rise_down": (0, 50), "fall_up": (-3, 1), "fall_down": (-3, 1)},
        PhaseChange: {"saturation": (values["g_max"], 1e-3), "c2c_slope": (0, 1), "c2c_sd": (0, 1e-5)},
        ExponentialPhaseChange: {"decay_up": (-3, 20), "floor_up": (0, 1), "residue_sd": (0, 1e-6)},
        Saturating: {"delay": (0, 1)},
        OneSidedSaturating: {"delay": (0, 1), "residue_sd": (0, 1e-6)},
    }.get(family, {})
    values |= {name: draw(_number(*bounds)) for name, bounds in extra.items()}
    if family is TableStep:
        n = draw(st.integers(2, 9))
        tables = st.lists(_number(0, 2), min_size=n, max_size=n).map(tuple)
        values |= {"up": draw(tables), "down": draw(tables), "up_sd": draw(st.none() | tables)}
    if family is JumpTable:
        nodes, wide = draw(st.integers(2, 5)), draw(st.integers(2, 5))
        rows = st.lists(_number(0, 2), min_size=wide, max_size=wide).map(sorted)
        tables = st.lists(rows, min_size=nodes, max_size=nodes).map(lambda table: tuple(chain(*table)))
        values |= {"nodes": nodes, "up": draw(tables), "down": draw(tables)}
    return family(**values)
