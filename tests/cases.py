"""Devices, arrays and images that the tests of the engine share. Few kinds of device, since each costs seconds to compile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from insitu.arrays import Crossbar
from insitu.devices.base import Endurance, Faults, Spread
from insitu.devices.constant import ConstantStep
from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.devices.power import PowerStep
from insitu.devices.softbounds import SoftBounds
from insitu.devices.switch import StochasticSwitch
from insitu.devices.table import TableStep

RANGE = {"g_min": 0.35e-6, "g_max": 7.1e-6}
STEPS = RANGE | {"step_up": 0.5e-6, "step_down": 0.3e-6}

#: one device of each family, with every imperfection off
IDEAL = {
    "constant": ConstantStep(**STEPS),
    "linear": LinearStep(**STEPS, gamma_up=0.9, gamma_down=-0.5),
    "softbounds": SoftBounds(**STEPS),
    "exponential": ExponentialStep(**STEPS, decay_up=6.0, decay_down=0.0),
    "power": PowerStep(**STEPS, gamma_up=2.0, gamma_down=0.5),
    "switch": StochasticSwitch(**RANGE, levels=5),
    "table": TableStep(**STEPS, up=(1.0, 0.5, 0.0), down=(0.2, 0.6, 1.0)),
}

MORTAL = {"faults": Faults(dead=0.05, stuck_low=0.05, stuck_high=0.05), "endurance": Endurance(writes=7, writes_cv=0.5)}


def worst(device):
    """The same device with every imperfection on."""
    if isinstance(device, StochasticSwitch):
        chances = {"probability_up": 0.6, "probability_down": 0.8}
        return replace(device, **chances, spread=Spread(range_cv=0.1), **MORTAL)
    return replace(device, c2c_cv=0.5, spread=Spread(step_cv=0.3, range_cv=0.1, asymmetry_cv=0.2), **MORTAL)


WORST = {name: worst(device) for name, device in IDEAL.items()}
BINARY = StochasticSwitch(**RANGE)
BAD_BINARY = replace(worst(BINARY), levels=2)


def crossbar(device, rows, columns, *, seed=5, **kwargs):
    """An array with weights spread over its whole range."""
    array = Crossbar(device, rows, columns, seed=seed, **kwargs)
    array.set_weights(np.linspace(-1, 1, rows * columns).reshape(rows, columns)[::-1])
    return array


def rule(chance_up=1.0, chance_down=1.0, **fields):
    """A rule of STDP as kernels take it."""
    from insitu.kernels.state import StdpRule

    step = {"ltp": 0.252, "decay": 3.0, "ltd": 0.004, "low": -1.0} | fields
    return StdpRule(**step, chance_up=chance_up, chance_down=chance_down)


def program(array, column, up, rule, spikes):
    """Give the live weights of a column the pulses of a spike of its neuron."""
    from insitu.kernels import outer
    from insitu.kernels.state import entry

    kernel = outer.column_of_bits if array.encoding.digital else outer.column
    cells, memory, numbers = array.compiled(("program", "overlap")), np.zeros((0, 0, 0), np.float32), np.zeros(0)
    entry(kernel)(cells, column, np.asarray(up, np.uint8), rule, memory, numbers, spikes, array.counts)


def polarities(shape, seed=0):
    """A reproducible mixture of -1, 0 and 1."""
    return np.random.default_rng(seed).integers(-1, 2, shape)


def signals(n, rng, silent=0.3):
    """Signals of either sign, (n,) single precision, some of them 0."""
    return (rng.normal(size=n) * (rng.random(n) > silent)).astype(np.float32)


def images(n, pixels, seed=0):
    """Reproducible uint8 images, half of the pixels dark."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, pixels)).astype(np.uint8) * (rng.random((n, pixels)) < 0.5)


def same(array, twin):
    """Assert that an array and its twin agree bit for bit, cells and counts."""
    from insitu.ledger import Counts

    for name in ("writes", "g", "weights", "variance"):
        np.testing.assert_array_equal(getattr(array, name), getattr(twin, name), err_msg=name)
    assert Counts.of(array.counts).as_dict() == twin.counts
