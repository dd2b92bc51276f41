import naive
import numpy as np
import pytest
from cases import BINARY, IDEAL, WORST, images
from scipy.special import ndtri

from insitu.arrays import Crossbar
from insitu.cells import BitSlices, DifferentialPair, SingleDevice
from insitu.devices.base import parameters
from insitu.devices.constant import ConstantStep
from insitu.devices.library import load, names
from insitu.devices.response import pulse
from insitu.errors import InputError
from insitu.learning import Stdp
from insitu.networks.spiking import SpikingNetwork, SpikingRule

DEVICES = {**IDEAL, **{f"{name}, worst": device for name, device in WORST.items()}}
DEVICES |= {name: load(name).device for name in names()}


@pytest.mark.parametrize("encoding", [SingleDevice(), SingleDevice(w_min=0.0, w_max=0.5)], ids=["-1 to 1", "0 to 0.5"])
def test_the_ideal_limit_is_the_floating_point_rule(encoding):
    """Training on noise-free devices that take the steps of the rule, against the rule in double precision."""
    stdp = Stdp(ltp=0.02, ltd=0.004, ltp_decay=4.0)
    rule = SpikingRule(stdp=stdp)
    array = Crossbar(stdp.ideal_device(encoding), 30, 7, encoding=encoding, seed=9)
    network, shown = SpikingNetwork(array, rule), images(100, 30)
    w, bias, expected = array.weights.astype(float), np.zeros(7), []
    before = w.copy()
    steps, width, start, interval, shots = rule.timing()[:5].tolist()
    winners = network.learn(shown)
    for m, image in enumerate(shown):
        trains = naive.encode(image, rule.input.chance(), steps, m, array.seed)
        for shot in range(shots):
            x = np.array(naive.window(trains, start + shot * interval, width)) == 1
            r = naive.uniform(naive.words(array.seed, naive.WINNER, shot, m)[0])
            k = naive.winner(bias + w[x].sum(axis=0), rule.wta.gain, r)
            w[:, k] += np.where(x, stdp.ltp * np.exp(-stdp.ltp_decay * (w[:, k] - encoding.w_min)), -stdp.ltd)
            w[:, k] = np.clip(w[:, k], encoding.w_min, encoding.w_max)
            bias[k] -= rule.wta.homeostasis
            expected.append(k)
    assert winners.ravel().tolist() == expected
    assert array.weights == pytest.approx(w, abs=1e-5)
    assert np.abs(w - before).max() > 0.2 * (encoding.w_max - encoding.w_min)  # it has learned, not stood still
    assert np.unique(expected).size == 7


def test_weights_settle_at_the_log_odds():
    """w* = w_min + ln(ltp p / (ltd (1 - p))) / ltp_decay, for inputs that are on with probability p."""
    stdp = Stdp(ltp=0.02, ltd=0.003, ltp_decay=3.0)
    array = Crossbar(stdp.ideal_device(), 300, 1, seed=2)
    rng, p = np.random.default_rng(1), np.repeat([0.2, 0.5, 0.8], 100)
    tail = []
    for spike in range(2400):
        up = (rng.random(300) < p).astype(np.uint8)
        array.kernels.program(array.state, 0, up, stdp.vector(array.device, array.encoding), spike, array.counts)
        if spike >= 1200:
            tail.append(array.weights[:, 0].copy())
    settled = np.mean(tail, axis=0).reshape(3, 100).mean(axis=1)
    expected = -1 + np.log(0.02 * np.array([0.2, 0.5, 0.8]) / (0.003 * np.array([0.8, 0.5, 0.2]))) / 3
    assert settled == pytest.approx(expected, abs=0.02)


def test_probabilities_are_exactly_one_on_the_rule_s_own_device():
    for encoding in (SingleDevice(), SingleDevice(w_min=0.0, w_max=0.3)):
        for stdp in (Stdp(), Stdp(ltp=0.1, ltp_decay=0.0, ltd=0.03)):
            assert stdp.pulse_probabilities(stdp.ideal_device(encoding), encoding) == (1.0, 1.0)


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
@pytest.mark.parametrize("encoding", [SingleDevice(), DifferentialPair()], ids=["single", "pair"])
def test_probabilities_keep_the_balance_of_the_rule(device, encoding):
    stdp = Stdp()
    up, down = stdp.pulse_probabilities(device, encoding)
    assert 0 < up <= 1
    assert 0 < down <= 1
    middle, p = (device.g_min + device.g_max) / 2, parameters(device)
    u = (np.arange(1001) + 0.5) / 1001
    z = u if device.draw == "uniform" else ndtri(u)
    rise, fall = (abs(np.mean([pulse(device, p, middle, way, float(q)) for q in z]) - middle) for way in (1, -1))
    if isinstance(encoding, DifferentialPair):
        rise = fall = rise + fall
    rise, fall = np.abs(encoding.map(device).gains)[0] * np.array([rise, fall])
    wanted = stdp.ltp * np.exp(-stdp.ltp_decay), stdp.ltd
    assert (up * rise) / (down * fall) == pytest.approx(wanted[0] / wanted[1], rel=0.02)
    if max(up, down) < 1:  # coarse steps are thinned out to the rule's own; fine ones cannot be
        assert up * rise == pytest.approx(wanted[0], rel=0.02)
    else:
        assert up * rise <= wanted[0] * 1.02


def test_digital_weights_take_the_rule_as_it_is():
    assert Stdp(ltp=0.1, ltp_decay=2.0, ltd=0.05).vector(BINARY, BitSlices()).tolist() == [0.1, 2.0, 0.05]
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
