from dataclasses import fields

import numpy as np
import pytest
from cases import BAD_BINARY, WORST, images
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.cells import BitSlices, DifferentialPair
from insitu.kernels.state import COUNTS
from insitu.learning import SoftPruning, Stdp
from insitu.learning.pruning import Schedule
from insitu.ledger import Counts, Wear
from insitu.networks.spiking import SpikingNetwork, SpikingRule, WinnerTakeAll
from insitu.schemes.events import METER

once = settings(derandomize=True, deadline=None, max_examples=20, database=None)
numbers = st.builds(Counts, *[st.integers(0, 2**60)] * len(fields(Counts)))
RULE = SpikingRule(
    wta=WinnerTakeAll(presentations=2),
    pruning=SoftPruning(schedule=Schedule(maturity=100), value=-0.5),
)
NETWORKS = {
    "analogue": (WORST["constant"], None),
    "pair": (WORST["constant"], DifferentialPair()),
    "digital": (BAD_BINARY, BitSlices(bits=3)),
}
every_way = pytest.mark.parametrize(("device", "encoding"), NETWORKS.values(), ids=NETWORKS)


def network(device, encoding):
    return SpikingNetwork(device, 12, 6, RULE, encoding=encoding, seed=8)


def test_fields_are_in_the_order_of_the_kernels():
    assert tuple(f.name for f in fields(Counts)) == COUNTS
    assert Counts.of(np.arange(len(COUNTS))).as_dict() == dict(zip(COUNTS, range(len(COUNTS)), strict=True))


@once
@given(a=numbers, b=numbers)
def test_phases_add(a, b):
    assert (a + b) - b == a
    assert a + b == b + a
    assert (a + b).pulses == a.pulses + b.pulses
    assert a + Counts() == a


@every_way
@once
@given(cut=st.integers(0, 300))
def test_counts_do_not_depend_on_the_batches_and_never_fall(device, encoding, cut):
    whole, parts, shown = network(device, encoding), network(device, encoding), images(300, 12)
    whole.learn(shown)
    parts.learn(shown[:cut])
    first = parts.counts
    parts.learn(shown[cut:])
    assert parts.counts == whole.counts
    assert min((parts.counts - first).as_dict().values()) >= 0
    assert whole.counts.pulses == whole.synapses.array.writes.sum(dtype=np.int64)


def test_what_reads_conduct_is_looked_at_after_the_same_examples_whatever_the_batches():
    whole, parts = (network(*NETWORKS["analogue"]) for _ in range(2))
    shown = images(2 * METER + 100, 12)
    whole.learn(shown)
    for part in np.split(shown, [1, METER - 1, METER + 7, 2 * METER]):
        parts.learn(part)
    assert parts.counts == whole.counts
    np.testing.assert_array_equal(parts.synapses.drive, whole.synapses.drive)
    last = network(*NETWORKS["analogue"])
    last.shown = 2 * METER  # the last hundred are still to be looked at
    last.learn(shown[-100:])
    np.testing.assert_array_equal(last.synapses.drive, whole.synapses.drive)


@every_way
def test_listening_is_counted_apart_and_alike_in_any_batches(device, encoding):
    one, shown = network(device, encoding), images(300, 12)
    one.learn(shown)
    learned = one.counts
    assert one.heard == Counts()
    one.respond(shown[:40])
    once_over = one.heard
    one.respond(shown[:25])
    one.respond(shown[25:40])
    assert one.heard - once_over == once_over
    assert one.counts == learned
    assert once_over.pulses == 0
    assert once_over.spikes_out == 40 * 2 * 8


@every_way
def test_every_event_is_counted(device, encoding):
    """What can be known beforehand: 300 images, 8 output spikes each, 6 neurons, 12 inputs."""
    one = network(device, encoding)
    one.learn(images(300, 12))
    counts, planes = one.counts, one.synapses.planes
    assert counts.spikes_out == one.fired.sum() == 2400
    assert counts.conversions >= 2400 * 6
    assert counts.digital_ops >= 3 * 2400 * 6
    assert 0 < counts.row_drives <= 2400 * 12
    assert counts.reads >= counts.row_drives * 6 * planes
    assert 0 < counts.spikes_in < 300 * 12 * 50


def test_pruning_saves_pulses():
    """Three quarters of the weights are held from the 100th of some 1,300 spikes of a neuron on: 69 % fewer pulses."""
    held = SoftPruning(schedule=Schedule(maturity=100))
    full, pruned = (
        SpikingNetwork(Stdp().ideal_device(), 12, 6, SpikingRule(pruning=pruning), seed=8) for pruning in (None, held)
    )
    for one in (full, pruned):
        one.learn(images(1000, 12))
    assert (pruned.synapses.array.n_live == 3).all()
    assert full.counts.pulses == 8000 * 12
    assert 0.25 < pruned.counts.pulses / full.counts.pulses < 0.5


def test_wear_is_over_all_cells():
    writes = np.zeros((1, 10, 100), np.uint32)
    writes[0, 0, :20] = 4_000_000_000  # a sum of these does not fit into 32 bits
    wear = Wear.of(writes)
    assert wear.mean == 8e7
    assert wear.p99 == wear.maximum == 4_000_000_000
