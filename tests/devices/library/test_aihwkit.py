"""The presets of aihwkit as aihwkit itself answers pulses; runs where it is installed: 1.1.0 goes with PyTorch 2.10."""

import math

import numpy as np
import pytest

from insitu.devices.library import load
from insitu.devices.response import mean_response

pytest.importorskip("aihwkit")

PRESETS = {
    "gokmen2016-rpu": "GokmenVlasovPresetDevice",
    "rasch2019-idealized": "IdealizedPresetDevice",
    "gong2018-reram": "ReRamESPresetDevice",
    "gong2018-reram-soft": "ReRamSBPresetDevice",
    "gong2022-om": "ReRamArrayOMPresetDevice",
    "gong2022-hfo2": "ReRamArrayHfO2PresetDevice",
    "nandakumar2020-pcm": "PCMPresetDevice",
    "li2018-3t1c": "CapacitorPresetDevice",
    "tang2018-ecram": "EcRamPresetDevice",
    "kim2019-ecram": "EcRamMOPresetDevice",
}


def response(preset, train, w0):
    """Return the weights of one device without noise and spread after each pulse, as aihwkit calculates them."""
    import torch
    from aihwkit.simulator.configs import SingleRPUConfig
    from aihwkit.simulator.presets import devices
    from aihwkit.utils.visualization import compute_pulse_response, get_tile_for_plotting

    config = SingleRPUConfig(device=getattr(devices, preset)())
    device = config.device
    if getattr(device, "dw_min_dtod_log_normal", False):  # the mean of log-normal steps, see docs/devices.md
        device.dw_min *= math.exp(device.dw_min_dtod**2 / 2)
    for name in vars(device):
        if name.endswith(("_dtod", "_std")) or name in ("lifetime", "corrupt_devices_prob"):
            setattr(device, name, 0.0)
    tile = get_tile_for_plotting(config, 1, use_cuda=False, noise_free=True)
    tile.set_weights(torch.full((1, 1), w0))
    return compute_pulse_response(tile, np.array(train), use_forward=False).ravel()


@pytest.mark.parametrize("name", PRESETS)
def test_the_mean_law_is_that_of_aihwkit(name):
    device = load(name).device
    zero, unit = (0.0, 10e-6) if device.one_sided else (10e-6, 5e-6)  # S at w = 0, S a unit of w
    train = [1] * 60 + ([] if device.one_sided else [-1] * 60)
    expected = response(PRESETS[name], train, (device.g_min - zero) / unit)
    found = (mean_response(device, train, g0=device.g_min)[1:] - zero) / unit
    assert np.ptp(found) > 0.01
    assert found == pytest.approx(expected, abs=3e-6)
