"""Cells that do not work, in files of retention, endurance and noise: named, counted, and of no weight."""

from dataclasses import replace

import numpy as np
import pytest
from cells_at_rest import drifting, leaking, resting, wearing

from insitu.fits.kinds import fit_kind
from insitu.measure.reliability.endurance import fit_endurance
from insitu.measure.reliability.faulty import set_aside
from insitu.measure.reliability.traces import traces_of


def spoiled(series, name, at, noise=0.0):
    """The same readings, those of one device at ``at``, S, with so much noise."""
    mine, g = series.device == name, series.g.copy()
    g[mine] = at + noise * np.random.default_rng(1).normal(size=int(mine.sum()))
    return replace(series, g=g)


def faults_of(series, kind="retention"):
    kept, faults = set_aside(traces_of(series), kind)
    assert not {fault.name for fault in faults} & set(kept.device)
    return {fault.name: fault.kind for fault in faults}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", [drifting, leaking])
def test_cells_that_work_stay(make, seed):
    assert faults_of(make(seed)) == {}
    assert faults_of(make(seed, levels=(10e-6,))) == {}


def test_cells_that_keep_well_or_badly_are_no_faults():
    assert faults_of(drifting(0, nu_sd=0.05)) == {}
    assert faults_of(leaking(0, tau_cv=1.5)) == {}
    assert faults_of(spoiled(drifting(0, levels=(10e-6,)), "d3", 10e-6, 1e-7)) == {}


@pytest.mark.parametrize("make", [drifting, leaking])
@pytest.mark.parametrize(
    ("at", "noise", "kind"),
    [(0.0, 0.0, "dead"), (0.0, 2e-8, "dead"), (3e-6, 1e-7, "stuck_low"), (9e-6, 0.0, "stuck_high")],
)
def test_a_cell_without_levels_or_without_conductance_is_at_fault(make, at, noise, kind):
    assert faults_of(spoiled(make(1), "d3", at, noise)) == {"d3": kind}


def test_a_cell_of_one_level_is_at_fault_that_is_elsewhere_and_does_not_move():
    assert faults_of(spoiled(leaking(1, levels=(10e-6,)), "d3", 3e-6, 5e-8)) == {"d3": "stuck_low"}
    assert faults_of(spoiled(leaking(1, levels=(10e-6,)), "d3", 1e-9, 1e-9)) == {"d3": "dead"}


def test_a_dead_cell_is_none_of_the_noise():
    assert faults_of(resting(0), "noise") == {}
    assert faults_of(spoiled(resting(0), "d2", 0.0, 3e-8), "noise") == {"d2": "dead"}


def write(path, series):
    rows = zip(series.device.tolist(), series.level.tolist(), series.at.tolist(), series.g.tolist(), strict=True)
    path.write_text("device_id,level,time_s,g_S\n" + "\n".join(",".join(map(str, row)) for row in rows))
    return path


def test_a_faulty_cell_is_named_counted_and_weighs_nothing(tmp_path):
    series = drifting(2)
    clean = fit_kind(
        write(tmp_path / "clean.csv", series.without(["d3"])), "retention", device="yi2022-taox", quiet=True
    )
    file = write(tmp_path / "stuck.csv", spoiled(series, "d3", 5e-6, 5e-8))
    found = fit_kind(file, "retention", device="yi2022-taox", quiet=True, out=tmp_path)
    assert found.sentences[0] == "Set aside, for they do not answer: d3 (stuck low, at 5 uS)."
    assert found.estimates["retention.nu"] == clean.estimates["retention.nu"]
    assert found.device.faults.stuck_low == found.estimates["faults.stuck_low"].value == pytest.approx(1 / 12)
    assert "stuck_low" in (tmp_path / "stuck" / "stuck.py").read_text()
    left = fit_kind(file, "retention", device="yi2022-taox", quiet=True, without="d3")
    assert left.estimates == clean.estimates
    assert left.device.faults == left.base.device.faults


def test_a_cell_without_a_window_is_counted():
    series = wearing(5, devices=6, median=1e12)
    found = fit_endurance(spoiled(series, "d1", 1e-9))
    assert found.groups["faults"].dead == pytest.approx(1 / 6)
    assert len(found.windows) == 5
