"""What is priced is all that happened, on every array."""

import numpy as np
from cases import WORST, images

from insitu.cells import MultiConductance, Significance
from insitu.chip import Chip
from insitu.learning.backprop import Neurons
from insitu.ledger import Counts
from insitu.networks.energy import EnergyNetwork, EnergyRule
from insitu.networks.perceptron import Perceptron
from insitu.networks.spiking import SpikingNetwork, SpikingRule
from insitu.recipes.accounts import FAST, events_of, perceptron, settling_work, spiking, usages_by_part
from insitu.schemes import BlindPulses, SignPulses, TikiTaka

SOFT = WORST["softbounds"]


def counted(usages, phase):
    return sum((usage.counts for usage in usages if usage.phase == phase), Counts())


def test_the_fast_array_of_a_spiking_network_is_a_part_of_its_own():
    network = SpikingNetwork(SOFT, 12, 4, SpikingRule(), scheme=TikiTaka(), chip=Chip(adc_bits=6), seed=1)
    network.learn(images(40, 12))
    found = spiking(network, "soft", {"learning": network.counts, "test": network.heard})
    assert [worn.part for worn in found.worn] == ["synapses", "synapses" + FAST]
    assert {usage.adc_bits for usage in found.usages} == {6}
    assert counted(found.usages, "learning") == network.counts
    assert found.worn[1].mean * found.worn[1].cells == network.synapses.fast.writes.sum() > 0


def test_a_network_that_relaxes_is_priced_with_its_fast_arrays_and_compared_without_them():
    network = EnergyNetwork(SOFT, (6, 4, 3), EnergyRule(), scheme=TikiTaka(), seed=1)
    x, y = images(30, 6).astype(np.float32) / 255, np.eye(3, dtype=np.float32)[np.arange(30) % 3]
    network.learn(x, y)
    layers = {f"layer {n}": layer for n, layer in enumerate(network.layers, 1)}
    updates = dict.fromkeys(events_of(layers)["learning"], 1)
    usages, worn = usages_by_part(layers, events_of(layers), "soft", updates)
    assert [one.part for one in worn] == ["layer 1", "layer 1" + FAST, "layer 2", "layer 2" + FAST]
    assert counted(usages, "learning") == network.counts
    assert network.layers[0].fast.writes.sum() > 0
    slow = [usage for usage in usages if not usage.part.endswith(FAST)]
    software = {"batch": 30, "updates": updates, "signed": False}
    found = settling_work(usages, **software)
    assert found == settling_work(slow, **software)
    assert found.images == 30
    more = software | {"updates": updates | {"another network": 50}}
    assert settling_work(usages, **more) == found  # whose updates are its own
    whole = network.counts
    assert whole.vectors % 30 == 0
    assert (
        found.launches == 2 * whole.vectors // 30 + 3 * 2
    )  # a product and an activation; three for an update of a layer


def test_two_cycles_of_one_polarity_are_one_turn_of_both_whoever_learns():
    x, signs = images(31, 6).astype(np.float32) / 255, {"threshold": 0.0}
    for alternate, turns in ((False, 31), (True, 16)):
        scheme = SignPulses(alternate=alternate, **signs)
        flat = Perceptron(SOFT, (6, 3), neurons=Neurons(), scheme=scheme, seed=1)
        flat.learn(x, np.arange(31) % 3, 0.1)
        relaxes = EnergyNetwork(SOFT, (6, 3), EnergyRule(), scheme=scheme, seed=1)
        relaxes.learn(x, np.eye(3, dtype=np.float32)[np.arange(31) % 3])
        layers = {"layer": relaxes.layers[0]}
        for usages in (
            perceptron(flat, {"LSP": "soft"}, 0).usages,
            usages_by_part(layers, events_of(layers), "soft", {"layer": 31})[0],
        ):
            (writing,) = (usage for usage in usages if usage.doing == "writing")
            assert writing.times * writing.slots == turns


def test_what_sweeps_of_a_fast_array_read_is_not_read_on_the_others():
    """The same images drive the same cells of both significances, whatever the scheme; the fast one has its sweeps."""
    part = Significance(device=SOFT)
    both = MultiConductance(parts=(Significance(device=SOFT, gain=4.0), part))

    def read(scheme, devices):
        network = Perceptron(
            None, (6, 4, 3), neurons=Neurons(), encoding=both, scheme=scheme, chip=Chip(adc_bits=7), seed=1
        )
        network.learn(images(30, 6), np.arange(30) % 3, 1e-6, 1 / 255)
        found = perceptron(network, devices, 0).usages
        assert counted(found, "learning").reads == network.counts.reads
        assert {usage.adc_bits for usage in found} == {7}
        return {
            one.part: one.counts.reads for one in found if one.doing == "reading" and one.part.startswith("layer 1")
        }

    devices = {"MSP": "soft", "LSP": "soft"}
    blind = read(BlindPulses(), devices)
    swept = read(TikiTaka(rows=2), devices | {"fast": "soft"})
    assert swept.pop("layer 1 fast") == 30 * 2 * 4 * part.encoding(SOFT, 1.0).planes
    assert swept == blind
