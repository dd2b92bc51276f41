"""The sets of published devices say what their sources say."""

import math
import re

import numpy as np
import pytest

from insitu.devices.base import parameters
from insitu.devices.library import load, names
from insitu.devices.response import (
    mean_response,
    pulses_to_cross,
    response_samples,
    step_statistics,
    symmetry_point,
)

# --- phase change ----------------------------------------------------------------------------------------------------


def test_nandakumar2018_after_trains_of_set_pulses():
    """Means 1.0, 3.9, 6.3, 8.8 uS and standard deviations 0.55, 1.5, 2.2, 3.1 uS after 1, 5, 10, 20 pulses."""
    device = load("nandakumar2018-pcm").device
    n = 4000
    g = 1e6 * response_samples(device, [1] * 20, n=n, seed=1)[:, [1, 5, 10, 20]]
    assert g.mean(axis=0) == pytest.approx([1.0, 3.9, 6.3, 8.8], abs=0.05 + 4 * 3.1 / math.sqrt(n))
    assert g.std(axis=0) == pytest.approx([0.55, 1.5, 2.2, 3.1], abs=0.05 + 3.1 * 4 / math.sqrt(2 * n))
    assert 1e6 * mean_response(device, [1] * 200, device.g_min)[-1] == pytest.approx(0.892 / 0.084, rel=1e-3)


def test_nandakumar2018_is_stated_and_has_drift_and_read_noise():
    found = load("nandakumar2018-pcm")
    assert {field for field, value in found.provenance.items() if value.tag != "stated"} == {"saturation"}
    assert (found.device.retention.nu, found.device.retention.t0) == (0.04, 38.6)
    assert (found.device.read_noise.cv, found.device.read_noise.sd) == (0.03, 0.13e-6)


def test_ambrogio2018_is_the_same_law_on_20_microsiemens():
    measured, stretched = load("nandakumar2018-pcm").device, load("ambrogio2018-pcm").device
    assert (stretched.saturation, measured.saturation) == pytest.approx((20e-6, 10.619e-6), rel=1e-4)
    assert stretched.step_up / stretched.saturation == pytest.approx(measured.step_up / measured.saturation)
    ratio = stretched.step_up / measured.step_up
    assert stretched.c2c_sd / measured.c2c_sd == pytest.approx(ratio)


@pytest.mark.parametrize("name", ["ambrogio2018-pcm", "ambrogio2018-3t1c"])
def test_ambrogio2018_states_a_range_and_a_rest_and_no_pulse_law(name):
    stated = {field for field, value in load(name).provenance.items() if value.tag == "stated"}
    assert stated == {"g_max"} if name.endswith("pcm") else {"retention.rest"}


def test_nandakumar2020_takes_72_pulses_to_the_top():
    device = load("nandakumar2020-pcm").device
    assert pulses_to_cross(device, 1, fraction=0.999) == pytest.approx(72, abs=1)
    for w in (0.0, 0.5, 1.7):  # dw = D (1 - A exp(-2.5 w)), sd = 0.6 (dw + 0.042 + 0.108 w)
        mean, sd = step_statistics(device, 1, [10e-6 * w])
        dw = 0.01 * (1 + 27.235 * math.exp(-2.5 * w))
        assert mean == pytest.approx([10e-6 * dw])
        assert sd == pytest.approx([10e-6 * 0.6 * (dw + 0.042 + 0.108 * w)], rel=0.01)


def test_which_sets_are_one_sided():
    assert {name for name in names() if load(name).device.one_sided} == {
        "nandakumar2018-pcm",
        "ambrogio2018-pcm",
        "nandakumar2020-pcm",
    }


# --- presets of aihwkit: the law in w against the device in siemens, 10 uS at w = 0 and 5 uS a unit of w -----------------


def _exponential(sign, w):
    zz = -0.5 * w - 0.5  # 2 a w / (b_max - b_min) + b with a = b = -0.5
    if sign > 0:
        return 0.00135 * (1 + 1.18445 * math.exp(5 * zz))
    return 0.00135 * (1 - 0.259359) * (1 + 0.081404 * math.exp(-5 * zz))


def _linear(step, up, down, high, low):
    return lambda sign, w: step * (1 - (up * w / high if sign > 0 else down * w / low))


LAWS = {
    "gong2018-reram": (_exponential, -1, 1),
    "gong2018-reram-soft": (_linear(0.002, 1, 1, 1.25, -0.75), -0.75, 1.25),
    "gong2022-om": (_linear(0.0949 * math.exp(0.7829**2 / 2), 1, 1, 1, -1), -1, 1),
    "gong2022-hfo2": (_linear(0.4622 * math.exp(0.7125**2 / 2), 1, 1, 1, -1), -1, 1),
    "li2018-3t1c": (_linear(0.005, 0.05, 0.05, 1, -1), -1, 1),
    "tang2018-ecram": (_linear(0.002, 0.1153, 0.5085, 1.1724, -0.8276), -0.8276, 1.1724),
    "kim2019-ecram": (_linear(2.8214e-4, 0.4152, 0.7342, 1.1714, -0.8286), -0.8286, 1.1714),
    "gokmen2016-rpu": (lambda sign, w: 0.0016, -1, 1),
    "rasch2019-idealized": (lambda sign, w: 0.0002, -1, 1),
}
#: standard deviation of a step, in w
SCATTER = {
    "gong2018-reram": lambda dw: 5.0 * dw,
    "gong2018-reram-soft": lambda dw: 3.75 * 0.002,
    "gong2022-om": lambda dw: 0.4158 * 0.0949 * math.exp(0.7829**2 / 2),
    "gong2022-hfo2": lambda dw: 0.2174 * 0.4622 * math.exp(0.7125**2 / 2),
    "li2018-3t1c": lambda dw: 0.3 * 0.005,
    "tang2018-ecram": lambda dw: 0.3 * dw,
    "kim2019-ecram": lambda dw: 2.0 * dw,
    "gokmen2016-rpu": lambda dw: 0.3 * dw,
    "rasch2019-idealized": lambda dw: 0.3 * dw,
}


@pytest.mark.parametrize("name", LAWS)
def test_presets_of_aihwkit_are_mapped_exactly(name):
    law, low, high = LAWS[name]
    device = load(name).device
    assert (device.g_min, device.g_max) == pytest.approx((10e-6 + 5e-6 * low, 10e-6 + 5e-6 * high))
    for w in (low, low / 3, 0.0, 0.4 * high, high):
        for sign in (1, -1):
            mean, sd = step_statistics(device, sign, [10e-6 + 5e-6 * w])
            assert sign * mean == pytest.approx([5e-6 * law(sign, w)], abs=1e-13)
            assert sd == pytest.approx([5e-6 * SCATTER[name](law(sign, w))], rel=0.01)
    assert load(name).validity.startswith("Normalised; absolute scale assumed")


@pytest.mark.parametrize(("name", "w"), [("gong2018-reram", -0.218), ("tang2018-ecram", 0.0), ("kim2019-ecram", 0.0)])
def test_symmetry_points_of_aihwkit(name, w):
    assert (symmetry_point(load(name).device) - 10e-6) / 5e-6 == pytest.approx(w, abs=1e-3)


def test_lognormal_steps_of_gong2022():
    """exp(0.7829 z) has this mean and this relative spread."""
    device = load("gong2022-om").device
    factors = np.exp(0.7829 * np.random.default_rng(0).standard_normal(2_000_000))
    assert device.step_up == pytest.approx(2 * 0.0949 * 5e-6 * factors.mean(), rel=5e-3)
    assert device.spread.step_cv == pytest.approx(factors.std() / factors.mean(), rel=0.02)


# --- the table of NeuroSim -------------------------------------------------------------------------------------------


def curvature(label):
    """Return a = 1 / |A| of the curve (1 - exp(-a t)) / (1 - exp(-a)) that NeuroSim labels with this nonlinearity.

    The label is the largest perpendicular distance of the curve from the diagonal of the unit square, in units of 0.07:
    |label| = m(a) / (0.07 sqrt(2)), m(a) = 1 / b - 1 / a - ln(a / b) / a, b = 1 - exp(-a); solved by bisection.
    """
    low, high = 1e-4, 1e3
    for _ in range(100):
        a = math.sqrt(low * high)
        b = -math.expm1(-a)
        low, high = (a, high) if 1 / b - 1 / a - math.log(a / b) / a < 0.07 * math.sqrt(2) * abs(label) else (low, a)
    return a


def linear_step(label, pulses):
    """Return (first step over the range, gamma) of the linear step that is NeuroSim's curve exactly.

    A positive label saturates; for down pulses the sign is the other way round in NeuroSim.
    """
    a = math.copysign(curvature(label), label)
    gamma = -math.expm1(-a)
    return -math.expm1(-a / pulses) / gamma, gamma


NEUROSIM = [name for name in names() if "NeuroSim" in load(name).source and load(name).device.draw == "normal"]


@pytest.mark.parametrize("name", NEUROSIM)
def test_neurosim_sets_follow_from_the_labels_that_their_notes_state(name):
    found = load(name)
    for way, sign in (("up", 1), ("down", -1)):
        label, pulses = re.match(r"NL (\S+) and (\d+) pulses", found.provenance[f"step_{way}"].note).groups()
        step, gamma = linear_step(sign * float(label), int(pulses))
        assert getattr(found.device, f"gamma_{way}") == pytest.approx(gamma, rel=1e-9)
        reach = found.device.g_max - found.device.g_min
        assert getattr(found.device, f"step_{way}") == pytest.approx(step * reach, rel=1e-9)


@pytest.mark.parametrize(
    ("label", "a"), [(1, 1.2517), (2.4, 0.4992), (4.88, 0.2003), (6, 0.1356), (9, 0.0228), (0.01, 126.27)]
)
def test_nonlinearity_labels(label, a):
    assert 1 / curvature(label) == pytest.approx(a, rel=2e-3 if label == 9 else 5e-4)


#: gamma and D0 of dw = D0 (1 -+ gamma w), w from -1 to 1, up then down; scatter in steps; symmetry point
EQUIVALENTS = {
    "jo2010-agsi": (0.762, 0.02681, 0.987, 0.04936, 2.6, -0.326),
    "neurosim-taox-tio2": (0.638, 0.02303, 0.623, 0.02280, 0.87, 0.008),
    "wu2018-taox-hfox": (0.016, 0.01562, 0.245, 0.01592, 4.7, -0.072),
    "park2013-pcmo": (0.931, 0.06916, 1.000, 0.18088, 0.29, -0.456),
    "woo2016-alox-hfo2": (0.661, 0.05893, 0.238, 0.05067, 1.7, 0.162),
    "kuzum2011-pcm": (0.042, 0.02000, -0.762, 0.02208, 1.5, None),
    "choi2018-epiram": (0.196, 0.03156, 0.196, 0.03156, 1.27, 0.0),
    "jerry2017-fefet": (0.612, 0.07113, -0.529, 0.07087, 0.14, None),
}


@pytest.mark.parametrize("name", EQUIVALENTS)
def test_neurosim_sets_are_their_linear_equivalents(name):
    gamma_up, up, gamma_down, down, scatter, balance = EQUIVALENTS[name]
    device = load(name).device
    middle, half = (device.g_max + device.g_min) / 2, (device.g_max - device.g_min) / 2
    for w in (-1.0, -0.2, 0.5, 1.0):
        g = [middle + half * w]
        assert step_statistics(device, 1, g)[0] / half == pytest.approx([up * (1 - gamma_up * w)], abs=2e-4)
        assert -step_statistics(device, -1, g)[0] / half == pytest.approx([down * (1 + gamma_down * w)], abs=2e-4)
    assert device.c2c_sd / half / up == pytest.approx(scatter, rel=0.04)
    if balance is not None:
        assert (symmetry_point(device) - middle) / half == pytest.approx(balance, abs=2e-3)


@pytest.mark.parametrize("name", [*EQUIVALENTS, "luo2019-3t1c"])
def test_neurosim_sets_go_from_bound_to_bound_in_the_pulses_of_the_table(name):
    device = load(name).device
    counts = {"jo2010-agsi": (97, 100), "kuzum2011-pcm": (100, 120), "wu2018-taox-hfox": (128, 128)}
    counts |= {"neurosim-taox-tio2": (102, 102), "park2013-pcmo": (50, 50), "woo2016-alox-hfo2": (40, 40)}
    counts |= {"choi2018-epiram": (64, 64), "jerry2017-fefet": (32, 32), "luo2019-3t1c": (32, 32)}
    for polarity, n in zip((1, -1), counts[name], strict=True):
        start, end = (device.g_min, device.g_max)[::polarity]
        g = mean_response(device, [polarity] * n, start)
        assert g[-1] == pytest.approx(end, abs=1e-9 * device.g_max)
        assert abs(g[-2] - end) > 1e-6 * device.g_max  # and in no fewer


def test_neurosim_curve_is_its_formula():
    """G(P) = B (1 - exp(-P / A)) + Gmin with A = 0.4992 of 97 pulses."""
    device = load("jo2010-agsi").device
    n, a = np.arange(98), 97 * 0.49918
    b = (device.g_max - device.g_min) / (1 - math.exp(-97 / a))
    curve = b * (1 - np.exp(-n / a)) + device.g_min
    assert mean_response(device, [1] * 97, device.g_min) == pytest.approx(curve, rel=1e-5)


def test_physical_ranges_of_neurosim():
    device = load("choi2018-epiram").device
    assert (1 / device.g_max, device.g_max / device.g_min) == pytest.approx((81e3, 50.2))
    assert parameters(load("neurosim-stt-mram").device).g_max == pytest.approx(285.7e-6, rel=1e-3)
