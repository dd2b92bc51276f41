import naive
import numpy as np
import pytest
from cases import BINARY, IDEAL, WORST, images, program
from scipy.special import ndtri

from insitu.cells import BitSlices, SingleDevice
from insitu.cells.levels import default_encoding
from insitu.devices.base import parameters
from insitu.devices.constant import ConstantStep
from insitu.devices.library import load, names
from insitu.errors import InputError
from insitu.learning import Stdp
from insitu.networks.spiking import SpikingNetwork, SpikingRule
from insitu.schemes import BlindPulses, MixedPrecision, Weights, WriteVerify

DEVICES = {**IDEAL, **{f"{name}, worst": device for name, device in WORST.items()}}
DEVICES |= {name: load(name).device for name in names()}


@pytest.mark.parametrize("encoding", [SingleDevice(), SingleDevice(w_min=0.0, w_max=0.5)], ids=["-1 to 1", "0 to 0.5"])
def test_the_ideal_limit_is_the_floating_point_rule(encoding):
    """Training on noise-free devices that take the steps of the rule, against the rule in double precision."""
    stdp = Stdp(ltp=0.02, ltd=0.004, ltp_decay=4.0)
    rule = SpikingRule(stdp=stdp)
    network, shown = (
        SpikingNetwork(stdp.ideal_device(encoding), 30, 7, rule, encoding=encoding, seed=9),
        images(100, 30),
    )
    w, bias, expected = network.synapses.values.astype(float), np.zeros(7), []
    before, show = w.copy(), rule.show()
    winners = network.learn(shown)
    for m, image in enumerate(shown):
        trains = naive.encode(image, rule.input.chance(), show.steps, m, 9)
        for shot in range(show.spikes):
            x = np.array(naive.window(trains, show.start + shot * show.interval, show.window)) == 1
            r = naive.uniform(naive.words(9, naive.WINNER, shot, m)[0])
            k = naive.winner(bias + w[x].sum(axis=0), rule.wta.gain, r)
            w[:, k] += np.where(x, stdp.ltp * np.exp(-stdp.ltp_decay * (w[:, k] - encoding.w_min)), -stdp.ltd)
            w[:, k] = np.clip(w[:, k], encoding.w_min, encoding.w_max)
            bias[k] -= rule.wta.homeostasis
            expected.append(k)
    assert winners.ravel().tolist() == expected
    assert network.synapses.values == pytest.approx(w, abs=1e-5)
    assert np.abs(w - before).max() > 0.2 * (encoding.w_max - encoding.w_min)  # it has learned, not stood still
    assert np.unique(expected).size == 7


def test_weights_settle_at_the_log_odds():
    """w* = w_min + ln(ltp p / (ltd (1 - p))) / ltp_decay, for inputs that are on with probability p."""
    stdp = Stdp(ltp=0.02, ltd=0.003, ltp_decay=3.0)
    one = Weights(stdp.ideal_device(), 300, 1, BlindPulses(), form="column", encoding=SingleDevice(), seed=2)
    array, rule = one.array, stdp.rule(one)
    rng, p = np.random.default_rng(1), np.repeat([0.2, 0.5, 0.8], 100)
    tail = []
    for spike in range(2400):
        up = (rng.random(300) < p).astype(np.uint8)
        program(array, 0, up, rule, spike)
        if spike >= 1200:
            tail.append(array.weights[:, 0].copy())
    settled = np.mean(tail, axis=0).reshape(3, 100).mean(axis=1)
    expected = -1 + np.log(0.02 * np.array([0.2, 0.5, 0.8]) / (0.003 * np.array([0.8, 0.5, 0.2]))) / 3
    assert settled == pytest.approx(expected, abs=0.02)


def test_probabilities_are_exactly_one_on_the_rule_s_own_device():
    for encoding in (SingleDevice(), SingleDevice(w_min=0.0, w_max=0.3)):
        for stdp in (Stdp(), Stdp(ltp=0.1, ltp_decay=0.0, ltd=0.03)):
            assert stdp.pulse_probabilities(stdp.ideal_device(encoding), encoding) == (1.0, 1.0)


ONES = {f"{name}, one": (device, False) for name, device in DEVICES.items() if not device.one_sided}
PAIRS = {f"{name}, pair": (device, True) for name, device in DEVICES.items()}


@pytest.mark.parametrize(("device", "pair"), (ONES | PAIRS).values(), ids=ONES | PAIRS)
def test_probabilities_keep_the_balance_of_the_rule(device, pair):
    """From where a weight is in the middle; a pair of devices that only rise has both at the low end there."""
    stdp, encoding = Stdp(), default_encoding(device) if pair else SingleDevice()
    up, down = stdp.pulse_probabilities(device, encoding)
    assert 0 < up <= 1
    assert 0 < down <= 1
    start, p = device.g_min if device.one_sided else (device.g_min + device.g_max) / 2, parameters(device)
    u = (np.arange(1001) + 0.5) / 1001
    z = u if device.draw == "uniform" else ndtri(u)

    def moved(way):
        after = np.array([device.step(start, way, p, float(q)) for q in z])
        if not device.one_sided:  # at the end of a range, what noise does below it is not of the mean step
            after = np.clip(after, device.g_min, device.g_max)
        return abs(after.mean() - start)

    rise = moved(1)
    fall = rise if device.one_sided else moved(-1)
    if pair and not device.one_sided:
        rise = fall = rise + fall
    rise, fall = np.abs(encoding.map(device).gains)[0] * np.array([rise, fall])
    wanted = stdp.ltp * np.exp(-stdp.ltp_decay), stdp.ltd
    assert (up * rise) / (down * fall) == pytest.approx(wanted[0] / wanted[1], rel=0.02)
    if max(up, down) < 1:  # coarse steps are thinned out to the rule's own; fine ones cannot be
        assert up * rise == pytest.approx(wanted[0], rel=0.02)
    else:
        assert up * rise <= wanted[0] * 1.02


def test_digital_weights_take_the_rule_as_it_is():
    """As do all whose step is computed: nothing is thinned out."""
    stdp, made_of = Stdp(ltp=0.1, ltp_decay=2.0, ltd=0.05), {"form": "column"}
    computed = [
        Weights(BINARY, 4, 3, BlindPulses(), encoding=BitSlices(), **made_of),
        Weights(IDEAL["constant"], 4, 3, MixedPrecision(), encoding=SingleDevice(), **made_of),
        Weights(IDEAL["constant"], 4, 3, WriteVerify(), encoding=SingleDevice(w_min=0.0), **made_of),
    ]
    assert [tuple(stdp.rule(one)) for one in computed] == [(0.1, 2.0, 0.05, low, 1.0, 1.0) for low in (-1.0, -1.0, 0.0)]
    blind = stdp.rule(Weights(IDEAL["constant"], 4, 3, BlindPulses(), encoding=SingleDevice(), **made_of))
    assert blind.chance_up < 1
    assert Stdp().ideal_device(BitSlices()) == BINARY.__class__(g_min=0.35e-6, g_max=7e-6)


def test_refuses_a_device_that_moves_one_way_only():
    device = ConstantStep(g_min=1e-6, g_max=9e-6, step_up=1e-7, step_down=0.0)
    with pytest.raises(InputError, match="a down pulse does not move it"):
        Stdp().pulse_probabilities(device, SingleDevice())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ltp": -0.1}, "ltp"),
        ({"ltd": np.inf}, "ltd"),
        ({"ltp_decay": np.nan}, "ltp_decay"),
        ({"ltp": "1"}, "ltp"),
        ({"every": 0}, "every: got 0"),
        ({"every": 1.5}, "every: got 1.5"),
        ({"every": True}, "every: got True"),
    ],
)
def test_refuses(values, message):
    with pytest.raises(InputError, match=message):
        Stdp(**values)
