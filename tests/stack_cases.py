"""Devices and cells that the tests of stacked arrays share. Few device laws, since each costs seconds to compile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from cases import IDEAL, RANGE, WORST

from insitu.cells import MultiConductance, ReferencedDevice, Significance
from insitu.devices.base import Endurance, Faults, ReadNoise, Retention, Spread
from insitu.devices.pcm import PhaseChange
from insitu.schemes import BlindPulses, Weights

STEP = 0.02e-6  # of the ideal capacitor cell, S
UNIT = 2e-6 / (RANGE["g_max"] - RANGE["g_min"])  # ranges of the least significant part that make a weight of 1
CAPACITOR = replace(IDEAL["constant"], step_up=STEP, step_down=STEP)
SPREAD = Spread(step_cv=0.2, range_cv=0.05, asymmetry_cv=0.2)
FAULTS = Faults(dead=0.01, stuck_low=0.01, stuck_high=0.01)
LEAKY = replace(
    WORST["constant"], step_up=STEP, step_down=STEP, spread=SPREAD, faults=FAULTS, endurance=Endurance(writes=2000),
    retention=Retention(tau=2e-3, tau_cv=0.3, rest=5e-6),
)  # fmt: skip

#: one-sided, with every imperfection, and with none
PCM = PhaseChange(
    **RANGE, step_up=0.4e-6, saturation=7.5e-6, c2c_cv=0.2, c2c_slope=0.01, c2c_sd=0.02e-6, residue=0.05e-6,
    residue_sd=0.02e-6, spread=SPREAD, faults=FAULTS, endurance=Endurance(writes=500, writes_cv=0.5),
    read_noise=ReadNoise(cv=0.01, sd=0.01e-6), retention=Retention(nu=0.05, nu_sd=0.01, t0=1e-4),
)  # fmt: skip
QUIET_PCM = PhaseChange(**RANGE, step_up=0.4e-6, saturation=7.5e-6)

BOTH = MultiConductance(
    parts=(Significance(device=PCM, gain=3.0), Significance(device=LEAKY, pair=ReferencedDevice)), unit=UNIT
)
PAIR = MultiConductance(parts=(Significance(device=PCM),), unit=UNIT)


def capacitors(significances):
    """Ideal capacitor cells, each four times as significant as the next."""
    gains = [4.0**n for n in reversed(range(significances))]
    return MultiConductance(parts=tuple(Significance(device=CAPACITOR, gain=gain) for gain in gains), unit=UNIT)


def weights(device, encoding, scheme, rows=7, columns=4, *, form="factors", seed=5, **kwargs):
    """Weights of all sizes; of several arrays, with rows of either polarity."""
    made = Weights(device, rows, columns, scheme, form=form, encoding=encoding, seed=seed, **kwargs)
    rng = np.random.default_rng(seed)
    for level in made.levels:
        low, high = level.encoding.w_min, level.encoding.w_max
        level.set_weights((low + high) / 2 + 0.3 * (high - low) * rng.uniform(-1, 1, (rows, columns)))
    if len(made.levels) > 1:
        made.array.chop[:] = rng.choice([-1, 1], rows)
    made.refresh()
    made.memory[...] = scheme.memory(made)
    return made


def stack(cell, rows=7, columns=4, *, seed=5, **kwargs):
    """Weights of several arrays, all rows read upright."""
    options = {"scheme": BlindPulses()} | kwargs
    made = weights(None, cell, rows=rows, columns=columns, seed=seed, **options)
    made.array.chop[:] = 1
    made.refresh()
    made.memory[...] = made.scheme.memory(made)
    return made


def ask_column(one, column, up, stdp, spikes):
    """Ask for a step of STDP of a column, as the spike of its neuron does."""
    from insitu.kernels.state import entry

    of = one.wiring().of
    ask = entry(of.column.function)
    ask(of.learns, column, np.asarray(up, np.uint8), stdp, of.memory, of.numbers, spikes, of.learned)
    if of.carries:
        of.carry.function(of.read, of.learns, of.memory, of.numbers, spikes, of.counts, of.learned)
