"""What a network says of writes that failed."""

from dataclasses import replace

import numpy as np
from cases import IDEAL

from insitu.arrays.closed_loop import ClosedLoop
from insitu.devices.base import Faults
from insitu.devices.library import load
from insitu.networks.energy import EnergyNetwork, EnergyRule
from insitu.schemes import WriteVerify


def warned(device, loop):
    network = EnergyNetwork(device, (20, 30, 10), EnergyRule(), scheme=WriteVerify(loop=loop), seed=0)
    rng = np.random.default_rng(0)
    x, y = rng.choice([-1.0, 1.0], (40, 20)).astype(np.float32), np.eye(10, dtype=np.float32)[np.arange(40) % 10]
    for _ in range(5):
        network.learn(x, y, 0.3)
    return network.counts.missed / network.counts.tuned, network.warning


def test_declared_faults_are_expected_to_miss_but_steps_that_are_too_coarse_are_said():
    fine, tight = ClosedLoop(tolerance=0.05, iterations=40), ClosedLoop(tolerance=1e-4, iterations=2)
    faulty = replace(IDEAL["constant"], faults=Faults(stuck_low=0.04, dead=0.02))
    assert warned(IDEAL["constant"], fine) == (0.0, None)
    missed, said = warned(faulty, fine)
    assert missed > 0.05
    assert said is None
    missed, said = warned(faulty, tight)
    assert missed > 0.3
    assert f"{100 * missed:.0f} % of the closed-loop writes missed their tolerance" in said


def test_of_a_short_training_that_has_tried_little_but_stuck_cells_nothing_is_said():
    device = replace(load("yi2022-taox").device, faults=Faults(stuck_low=0.04, dead=0.02))
    network = EnergyNetwork(device, (20, 30, 10), EnergyRule(), scheme=WriteVerify(), seed=0)
    network.learn(np.ones((4, 20), np.float32), np.eye(10, dtype=np.float32)[:4], 1e-9)
    assert network.counts.missed == network.counts.tuned > 0
    assert network.warning is None
