"""Closed-loop writing as a law, and the noise of a read, against their slow twins, bit for bit."""

from dataclasses import replace

import naive
import numpy as np
import pytest
from cases import IDEAL, MORTAL, crossbar
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.cells import DifferentialPair, ReferencedDevice
from insitu.devices.base import Spread
from insitu.kernels.state import COUNTS
from insitu.kernels.targets import add_noise, write_targets

f32 = np.float32
WRITE, READ = 12, 13  # streams
DEVICE = IDEAL["constant"]
DEVICES = {
    "sound": DEVICE,
    "all different": replace(DEVICE, spread=Spread(range_cv=0.1)),
    "mortal": replace(DEVICE, **MORTAL),
}


def write_cells(array, targets, written, at_zero, slope, band, error_sd, tries):
    """One weight after the other; return how many were written, and the counts."""
    s, found = array.state, dict.fromkeys(COUNTS, 0)
    steepest, changed = max(abs(float(rise)) for rise in slope), 0
    planes, columns, rows = array.g.shape
    for row in range(rows):
        for column in range(columns):
            moved = float(targets[row, column]) - float(written[row, column])
            if abs(moved) * steepest <= band:
                continue
            written[row, column] = targets[row, column]
            changed += 1
            weight = s.offset
            for plane in range(planes):
                at = plane, column, row
                if slope[plane]:
                    goal = float(at_zero[plane]) + float(slope[plane]) * float(targets[row, column])
                    before, time = float(array.g[at]), int(array.writes[at])
                    low, high = (float(bound[at] if bound.size > 1 else bound[0, 0, 0]) for bound in array.cell[:2])
                    if array.lifetime.size == 1 or time < array.lifetime[at]:
                        if error_sd:
                            place = (plane * columns + column) * rows + row
                            stream = WRITE + 16 * array.index
                            goal += error_sd * naive.normal(naive.words(array.seed, stream, place, time))
                        array.g[at] = f32(min(max(low, goal), high))
                    array.writes[at] += tries
                    level = int((before + float(array.g[at])) * (0.5 * 65536 / float(s.law[1])) + 0.5)
                    way = "up" if slope[plane] * moved > 0 else "down"
                    found[f"pulses_{way}"] += tries
                    found[f"conductance_{way}"] += tries * level
                    for key in ("reads", "conversions", "verify_reads", "verify_conversions"):
                        found[key] += tries
                weight += float(s.gains[plane]) * float(array.g[at])
            array.weights[row, column] = f32(weight)
    return changed, [found[key] for key in COUNTS]


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(list(DEVICES)), st.booleans(), st.sampled_from([0.0, 0.4e-6]), st.booleans(), st.integers(0, 99))
def test_writing_is_its_twin(kind, pair, band, noisy, seed):
    encoding = DifferentialPair() if pair else ReferencedDevice()
    rng = np.random.default_rng(seed)
    rows, columns = (70, 3) if seed % 2 else (5, 67)  # over the edge of a tile, either way
    array, twin = (crossbar(DEVICES[kind], rows, columns, encoding=encoding, index=2) for _ in range(2))
    ends = encoding.encode(np.array([-1.0, 1.0]), DEVICES[kind])
    slope = (ends[:, 1] - ends[:, 0]) / 2
    written = rng.uniform(-1, 1, (rows, columns)).astype(f32)
    known = written.copy()
    for _ in range(3):
        targets = np.clip(written + rng.normal(0, 0.3, (rows, columns)), -1.2, 1.2).astype(f32)
        targets[rng.random((rows, columns)) < 0.3] = 0.25
        how = (ends[:, 0] + slope, slope, band, 0.2e-6 if noisy else 0.0, 3)
        before = array.counts.copy()
        changed = write_targets(array.state, targets, written, *how, array.counts)
        assert (changed, (array.counts - before).tolist()) == write_cells(twin, targets, known, *how)
        for name in ("g", "writes", "weights"):
            np.testing.assert_array_equal(getattr(array, name), getattr(twin, name), err_msg=name)
        np.testing.assert_array_equal(written, known)


@pytest.mark.parametrize("shared", [True, False])
def test_noise_of_a_read_is_its_twin(shared):
    rng, time, streams, seed = np.random.default_rng(1), 2**33 + 5, 32, 7
    outputs = rng.normal(size=(3, 4)).astype(f32)
    variance = rng.random((1 if shared else 3, 4)).astype(f32)
    wanted = outputs.copy()
    for i in range(3):
        for j in range(4):
            z = naive.normal(naive.words(seed, READ + streams, i * 4 + j, time))
            wanted[i, j] += f32(float(np.sqrt(variance[0 if shared else i, j])) * z)
    add_noise(outputs, variance, time, np.uint64(streams), np.uint64(seed))
    np.testing.assert_array_equal(outputs, wanted)
