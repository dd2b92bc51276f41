"""Names of columns in German and Chinese, the read voltage in a column, states as G0 and G1, trains that count anew."""

import numpy as np
import pytest
from laboratories import ramps, same, write

from insitu.errors import InputError
from insitu.measure import pulses, read_pulses
from insitu.measure.reading.quantities import Given
from insitu.measure.reading.series import read_series

CURVES = ramps()
STEPS = [(way, value) for way, values in CURVES for value in values]
WAY, AFTER = np.array([way for way, _ in STEPS]), np.array([value for _, value in STEPS])
WHOLE = pulses(WAY[1:], AFTER[:-1], AFTER[1:], index=np.arange(1, len(STEPS)))


def table(path, head, *columns, separator=","):
    """A file of these columns."""
    rows = [separator.join(map(str, row)) for row in zip(*columns, strict=True)]
    return write(path / "a.csv", "\n".join([head, *rows]))


@pytest.mark.parametrize("volts", [0, "", "x", 500])
def test_a_read_voltage_that_nothing_wants_is_not_looked_at(tmp_path, volts):
    same(read_pulses(table(tmp_path, "polarity,V_read,g_after_S", WAY, [volts] * WAY.size, AFTER)), WHOLE)


def test_a_read_voltage_in_mV_that_is_not_said_to_be_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"line 2: V_read is '200'; .*of mV the name says so"):
        read_pulses(table(tmp_path, "polarity,V_read,I (uA)", WAY, [200] * WAY.size, AFTER * 2e5))


def test_currents_of_several_devices_want_the_read_voltage_too(tmp_path):
    found = read_pulses(table(tmp_path, "polarity,V_read,I1,I2", WAY, [0.2] * WAY.size, 0.2 * AFTER, 0.4 * AFTER))
    np.testing.assert_allclose(found.after[found.of == 1], 2 * AFTER[1:])
    with pytest.raises(InputError, match="give the voltage at which they were read"):
        read_pulses(table(tmp_path, "polarity,I1,I2", WAY, 0.2 * AFTER, 0.4 * AFTER))


@pytest.mark.parametrize(
    "head", ["Polarität,Leitwert (S)", "Richtung,Leitwert nach (S)", "极性,电导 (S)", "方向,电导 后 (S)"]
)
def test_names_in_other_languages(tmp_path, head):
    same(read_pulses(table(tmp_path, head, WAY, AFTER)), WHOLE)


def test_words_for_directions_in_other_languages(tmp_path):
    for up, down in (("positiv", "negativ"), ("正", "负"), ("增强", "抑制")):
        same(read_pulses(table(tmp_path, "x,g", np.where(WAY > 0, up, down), AFTER)), WHOLE)


@pytest.mark.parametrize(
    ("head", "volts", "factor"),
    [("V_read", 0.2, 1.0), ("V_read (mV)", 200, 1e-3), ("Read voltage", -0.2, 1.0), ("读电压 (V)", 0.2, 1.0)],
)
def test_currents_are_divided_by_the_read_voltage_of_the_file(tmp_path, head, volts, factor):
    current = [f"{value * volts * factor * 1e6:.9g}" for value in AFTER]
    found = read_pulses(table(tmp_path, f"polarity,{head},I_read (uA)", WAY, [volts] * AFTER.size, current))
    np.testing.assert_allclose([found.before, found.after], [WHOLE.before, WHOLE.after], rtol=1e-8)
    assert "200 mV, as the file says" in found.unit
    assert found.aside == ()


def test_the_user_goes_before_the_read_voltage_of_the_file(tmp_path):
    path = table(tmp_path, "polarity,V_read,I", WAY, [0.4] * AFTER.size, AFTER * 0.2)
    found = read_pulses(path, read_voltage=0.2)
    np.testing.assert_allclose(found.after, WHOLE.after)
    assert found.aside == ("column 'V_read'",)


def test_each_row_may_have_its_own_read_voltage(tmp_path):
    volts = np.where(np.arange(AFTER.size) % 3, 0.1, -0.2)
    found = read_pulses(table(tmp_path, "polarity,V_read,I", WAY, volts, AFTER * volts))
    np.testing.assert_allclose(found.after, WHOLE.after)
    series = read_series(
        table(tmp_path, "time_s,v_read,i_A", range(AFTER.size), volts, AFTER * volts), "time", given=Given()
    )
    np.testing.assert_allclose(series.g, AFTER)
    assert series.aside == ()


def test_a_read_voltage_of_0_is_refused_with_its_line(tmp_path):
    volts = [0.1, 0.1, 0.0, *[0.1] * (AFTER.size - 3)]
    with pytest.raises(InputError, match=r"line 4: V_read is '0\.0'; allowed is a voltage other than 0, up to 10 V"):
        read_pulses(table(tmp_path, "polarity,V_read,I", WAY, volts, AFTER))


@pytest.mark.parametrize("head", ["G0,G1", "G_0 (S),G_1 (S)", "r0 (S),r1 (S)"])
def test_two_columns_that_go_on_from_each_other_are_before_and_after(tmp_path, head):
    found = read_pulses(table(tmp_path, f"polarity,{head}", WAY[1:], AFTER[:-1], AFTER[1:]))
    assert (found.before.tolist(), found.after.tolist()) == (AFTER[:-1].tolist(), AFTER[1:].tolist())
    assert found.names == ("device",)


def test_a_start_without_a_quantity_is_no_reading(tmp_path):
    found = read_pulses(table(tmp_path, "polarity,start,end,g", WAY, range(WAY.size), range(WAY.size), AFTER))
    same(found, WHOLE)
    assert found.aside == ("columns 'start', 'end'",)


@pytest.mark.parametrize("interleaved", [False, True])
def test_so_they_are_of_several_devices(tmp_path, interleaved):
    rows = [(WAY[k], f * AFTER[k - 1], f * AFTER[k]) for f in (1, 2) for k in range(1, WAY.size)]
    rows = [(name, *row) for name, row in zip(np.repeat(["x", "y"], len(rows) // 2), rows, strict=True)]
    rows = sorted(rows, key=lambda row: rows.index(row) % (len(rows) // 2)) if interleaved else rows
    found = read_pulses(table(tmp_path, "device_id,polarity,G0,G1", *zip(*rows, strict=True)))
    assert found.names == ("x", "y")
    np.testing.assert_allclose(found.after[found.of == 1], 2 * AFTER[1:])


def test_two_columns_that_do_not_are_two_devices(tmp_path):
    found = read_pulses(table(tmp_path, "polarity,G0,G1", WAY, AFTER, 0.9 * AFTER))
    assert found.names == ("G0", "G1")


@pytest.mark.parametrize("chance", [0.1, 0.2, 0.5])
def test_two_cells_of_two_levels_are_two_devices(tmp_path, chance):
    """Most of their readings are alike, so that each seems to go on where the other has ended."""
    rng, way = np.random.default_rng(0), np.repeat([1, -1] * 6, 20)
    cells = np.full((way.size + 1, 2), 1e-6)
    for k, sign in enumerate(way):
        cells[k + 1] = np.where(rng.random(2) < chance, 1e-5 if sign > 0 else 1e-6, cells[k])
    found = read_pulses(table(tmp_path, "polarity,cell0,cell1", way, cells[1:, 0], cells[1:, 1]))
    assert found.names == ("cell0", "cell1")


@pytest.mark.parametrize("head", ["Probe,cell", "Nummer,cell"])
def test_words_with_two_meanings_are_none(tmp_path, head):
    found = read_pulses(table(tmp_path, f"{head},polarity,g", ["W3"] * WAY.size, ["a"] * WAY.size, WAY, AFTER))
    assert found.names == ("a",)


def test_a_first_value_of_a_train_is_not_before_each_pulse(tmp_path):
    found = read_pulses(table(tmp_path, "polarity,G_start (S),G (S)", WAY, [2e-6] * WAY.size, AFTER))
    same(found, WHOLE)


def test_an_abrupt_first_pulse_of_a_train_is_kept(tmp_path):
    up, down = np.linspace(1.3e-6, 1e-5, 30), [1e-6, 1.01e-6, 1e-6]
    way, number = [1] * 30 + [-1] * 3, [*range(1, 31), 1, 2, 3]
    found = read_pulses(table(tmp_path, "pulse,polarity,g", number * 4, way * 4, [*up, *down] * 4))
    assert (found.polarity < 0).sum() == 12


def test_trains_that_count_from_1_follow_each_other(tmp_path):
    number = np.concatenate([np.arange(1, len(values) + 1) for _, values in CURVES])
    same(read_pulses(table(tmp_path, "pulse,polarity,g", number, WAY, AFTER)), WHOLE)


def test_trains_that_are_counted_backwards_are_not_lost(tmp_path):
    number = [k for way, values in CURVES for k in range(1, len(values) + 1)[::way]]
    found = read_pulses(table(tmp_path, "pulse,polarity,g", number, WAY, AFTER))
    assert found.of.size >= AFTER.size - len(CURVES)
    assert (found.polarity < 0).sum() > 40


def test_trains_between_which_the_cell_was_changed_do_not(tmp_path):
    number = np.concatenate([np.arange(1, len(values) + 1) for _, values in CURVES])
    moved = np.concatenate([np.array(values) + (2e-6 if way < 0 else 0) for way, values in CURVES])
    found = read_pulses(table(tmp_path, "pulse,polarity,g", number, WAY, moved))
    assert found.of.size == AFTER.size - len(CURVES)
    assert np.count_nonzero(found.begins) == len(CURVES)
