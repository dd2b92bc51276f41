"""Which combinations learn: what a row says, what a file keeps, and ``insitu matrix`` as a user meets it."""

import csv
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cases import IDEAL
from sklearn.datasets import load_digits

from insitu import CrossbarClassifier
from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import DifferentialPair, SingleDevice
from insitu.devices.base import Faults
from insitu.devices.library import load, names
from insitu.errors import InputError
from insitu.schemes import Agad, BlindPulses, ErrorAware, Exact, MixedPrecision, SignPulses, TikiTaka, WriteVerify
from insitu.studies import matrix

run = partial(matrix.run_matrix, workers=1)
KEYS = list(matrix.combinations(["ideal"]))
X, Y = (part[:60] for part in load_digits(return_X_y=True))


class Stop(Exception):
    """As if the machine were switched off."""


@pytest.fixture
def pretend(monkeypatch):
    """Networks that learn nothing and score what is wanted; the schemes and signals that were trained are in ``trained``."""
    wanted = SimpleNamespace(accuracy=0.9, ideal=0.9, stop_after=None, trained=[])

    def model(signal, device, encoding, scheme):
        return SimpleNamespace(signal=signal, device=device, encoding=encoding, scheme=scheme, network_=scheme)

    def trained(one):
        if len(wanted.trained) == wanted.stop_after:
            raise Stop
        wanted.trained.append(one)
        if isinstance(one.encoding, SingleDevice):
            raise InputError('encoding: got SingleDevice(), and "that" is\nrefused')
        return wanted.ideal if one.scheme.exact else wanted.accuracy

    monkeypatch.setattr(matrix, "_model", model)
    monkeypatch.setattr(matrix, "_trained", trained)
    monkeypatch.setattr(matrix, "why", lambda network: f"{type(network).__name__} says, why")
    matrix._ideal.cache_clear()
    yield wanted
    matrix._ideal.cache_clear()


def test_all_axes_are_combined_on_all_devices_of_the_library_or_on_those_that_are_named():
    assert len(set(matrix.combinations())) == 5 * 7 * 4 * len(names())
    assert {device for device, *_ in matrix.combinations(["ideal", "shi2018-cbram"])} == {"ideal", "shi2018-cbram"}
    assert [{key[place] for key in KEYS} for place in (1, 2, 3)] == [
        set(matrix.ENCODINGS),
        set(matrix.SCHEMES),
        set(matrix.SIGNALS),
    ]


# -- a row -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("accuracy", "verdict"), [(1.0, "learns"), (0.8, "learns"), (0.7999, "fails"), (0.0, "fails")])
def test_four_fifths_of_what_ideal_weights_reach_is_learning(pretend, accuracy, verdict):
    pretend.accuracy, pretend.ideal = accuracy, 1.0
    one = matrix.attempt("shi2018-cbram", "pair", "mixed-precision", "stdp")
    why = "" if verdict == "learns" else "MixedPrecision says, why"
    assert one == matrix.Tried("shi2018-cbram", "pair", "mixed-precision", "stdp", verdict, accuracy, 1.0, why)


def test_what_is_refused_has_the_sentence_and_no_numbers(pretend):
    one = matrix.attempt("ideal", "single", "tiki-taka", "stdp")
    assert (one.verdict, one.accuracy, one.ideal) == ("refused", None, None)
    assert one.reason.startswith("encoding: got SingleDevice()")


def test_what_is_refused_before_there_is_a_network_is_so_too():
    """The sentence is that of the scheme; nothing is trained, so that this takes no time."""
    one = matrix.attempt("shi2018-cbram-binary", "bits", "blind-pulses", "backpropagation")
    assert one.verdict == "refused"
    assert "SignPulses and WriteVerify" in one.reason


def test_ideal_weights_are_numbers_of_the_same_signal_and_are_trained_once(pretend):
    for key in KEYS:
        matrix.attempt(*key)
    exact = [one for one in pretend.trained if isinstance(one.scheme, Exact)]
    assert [one.signal for one in exact] == list(matrix.SIGNALS)
    assert all(isinstance(one.encoding, DifferentialPair) and one.device == load("ideal").device for one in exact)
    assert len(pretend.trained) == len(KEYS) + len(exact)


def test_a_name_stands_for_its_scheme_and_its_encoding(pretend):
    for key in matrix.combinations(["ambrogio2018-pcm"]):
        matrix.attempt(*key)
    tried = [one for one in pretend.trained if not one.scheme.exact]
    kinds = [type(one.scheme) for one in tried[:28:4]]
    assert kinds == [Agad, BlindPulses, ErrorAware, MixedPrecision, SignPulses, TikiTaka, WriteVerify]
    found = [type(one.encoding).__name__ for one in tried[::28]]
    assert found == ["SingleDevice", "OneSidedPair", "ReferencedDevice", "BitSlices", "MultiConductance"]


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_file_goes_on_after_an_interruption_without_trying_again_what_it_holds(pretend, tmp_path):
    path, whole = tmp_path / "new" / "matrix.csv", tmp_path / "whole.csv"
    wanted = run(whole, ["ideal"])
    pretend.trained.clear()
    pretend.stop_after = 33
    with pytest.raises(Stop):
        run(path, ["ideal"])
    held = matrix.read(path)
    assert held == wanted[:33]
    pretend.stop_after, done = None, []
    found = run(path, ["ideal"], done.append)
    assert found == wanted
    assert done == wanted[33:]
    assert len(pretend.trained) == len(KEYS)  # each of them once
    assert path.read_bytes() == whole.read_bytes()
    assert run(path, ["ideal"], done.append) == wanted
    assert done == wanted[33:]


def test_a_file_gives_back_what_it_was_given(pretend, tmp_path):
    """Commas, quotation marks and line ends of reasons as well; and rows of refused combinations have no number."""
    pretend.accuracy = 0.5
    path = tmp_path / "matrix.csv"
    found = run(path, ["ideal"])
    assert {one.verdict for one in found} == {"refused", "fails"}
    assert matrix.read(path) == found
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] | {"reason": ""} == dict.fromkeys(matrix.HEAD, "") | {
        "device": "ideal", "encoding": "single", "scheme": "agad", "signal": "stdp", "verdict": "refused"
    }  # fmt: skip
    assert rows[28]["accuracy"] == "0.5000"


def test_a_file_keeps_the_rows_of_other_devices(pretend, tmp_path):
    path = tmp_path / "matrix.csv"
    first = run(path, ["shi2018-cbram"])
    second = run(path, ["ideal"])
    assert {one.device for one in second} == {"ideal"}
    assert matrix.read(path) == first + second
    assert run(path, ["ideal", "shi2018-cbram"]) == second + first
    assert matrix.read(path) == first + second


def test_processes_leave_the_same_file_whichever_ends_first(monkeypatch, tmp_path):
    keys = [key for key in KEYS if key[1] == "bits"][:5]  # refused, so soon done
    monkeypatch.setattr(matrix, "combinations", lambda _: keys)
    alone, together = tmp_path / "alone.csv", tmp_path / "together.csv"
    assert run(alone, ["ideal"]) == matrix.run_matrix(together, ["ideal"], workers=2)
    assert alone.read_bytes() == together.read_bytes()
    assert [one.verdict for one in matrix.read(together)] == ["refused"] * 5


HEAD = ",".join(matrix.HEAD)
FOREIGN = {
    "another table": b"device,accuracy\nideal,0.9\n",
    "nothing": b"",
    "no text": bytes(range(256)),
    "a row cut short": f"{HEAD}\nideal,pair,exact\n".encode(),
    "a row without a number": f"{HEAD}\nideal,pair,exact,stdp,learns,good,0.9,\n".encode(),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_none_of_this_study_is_refused_and_left_alone(pretend, tmp_path, content):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.csv: ") as told:
        run(path, ["ideal"])
    assert "\n" not in str(told.value)
    assert path.read_bytes() == content
    assert not pretend.trained


def test_a_device_that_nobody_knows_is_refused_before_anything_is_tried(pretend, tmp_path):
    with pytest.raises(InputError, match="did you mean 'shi2018-cbram'"):
        run(tmp_path / "matrix.csv", ["ideal", "shi2018-cbrm"])
    assert not pretend.trained
    assert not (tmp_path / "matrix.csv").exists()


# -- the reasons -------------------------------------------------------------------------------------------------------


def reasons(device, scheme):
    """What a small network on a device says after a few digits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model = CrossbarClassifier((6,), epochs=1, device=device, scheme=scheme, random_state=0).fit(X, Y)
    return matrix.why(model.network_)


def tenth(device=IDEAL["constant"], part=0.1, **fields):
    """A device whose step moves a weight of a pair by a part of its range."""
    step = part * (device.g_max - device.g_min)
    return replace(device, step_up=step, step_down=step, **fields)


def test_a_coarse_step_is_named_for_trains_and_for_targets():
    assert reasons(tenth(), BlindPulses()) == (
        "one step is 0.1 of a weight's range; open-loop training wants under 0.02"
    )
    assert (
        reasons(tenth(), MixedPrecision())
        == "one step is 0.1 of a weight's range, too coarse to be written to a target"
    )


def test_a_step_that_is_too_fine_for_a_train_is_named():
    said = reasons(tenth(part=1e-5), BlindPulses())
    assert said.endswith(" than a train has slots for: a step of 1e-05 of a weight's range is too fine for the rate")
    assert 20 < int(said.split(" %")[0]) <= 100


def test_missed_writes_are_named():
    """Half of the cells do not answer."""
    fine = replace(IDEAL["constant"], step_up=0.02e-6, step_down=0.02e-6, faults=Faults(dead=0.5))
    said = reasons(fine, WriteVerify(loop=ClosedLoop(tolerance=0.01, iterations=20)))
    share = next(part for part in said.split("; ") if "closed-loop writes missed their tolerance" in part)
    assert 5 < int(share.split(" %")[0]) <= 100
    assert "% of the cells are dead or worn out" in said
    assert "one step" not in said
    sound = reasons(fine.without("faults"), WriteVerify(loop=ClosedLoop(tolerance=0.01, iterations=200)))
    assert "missed" not in sound
    assert "dead" not in sound


# -- the table and the command -----------------------------------------------------------------------------------------


def test_a_table_has_a_line_a_device_encoding_and_scheme_and_a_column_a_signal(pretend):
    tried = [matrix.attempt(*key) for key in KEYS]
    assert len(matrix.table(tried).rows) == 35
    pretend.accuracy = 0.456
    tried = [matrix.attempt(*key) for key in (KEYS[0], KEYS[28], KEYS[30])]
    assert matrix.table(tried).rows == [
        ["ideal", "single", "agad", "refused (1)", "-", "-", "-"],
        ["ideal", "pair", "agad", "fails, 46 % (2)", "-", "fails, 46 % (2)", "-"],
    ]


@pytest.fixture
def insitu(command, monkeypatch):
    """The command on two combinations: one that a small network learns, one that is refused."""
    pair = [("ideal", "pair", "mixed-precision", "backpropagation"), ("ideal", "bits", "tiki-taka", "backpropagation")]
    monkeypatch.setattr(matrix, "combinations", lambda devices=(): iter(pair))
    monkeypatch.setattr(
        matrix, "_model", lambda signal, **axes: CrossbarClassifier((16,), epochs=2, random_state=0, **axes)
    )
    monkeypatch.setenv("COLUMNS", "140")
    matrix._ideal.cache_clear()
    yield command
    matrix._ideal.cache_clear()


def test_the_command_leaves_a_table_and_a_file_and_goes_on(insitu, monkeypatch):
    code, out, err = insitu("matrix", "ideal", "--workers", "1")
    assert code == 0, err
    assert "Which combinations learn" in out
    assert "learns, " in out
    assert "refused (1)" in out
    assert "(1) encoding: a cell of bit slices is switched from end to end" in out
    assert "matrix.csv" in err
    first, second = matrix.read(Path("matrix.csv"))
    assert (first.verdict, second.verdict) == ("learns", "refused")
    assert first.ideal > 0.6  # chance is 0.1
    assert "a cell of bit slices is switched from end to end" in second.reason
    monkeypatch.setattr(matrix, "attempt", None)  # nothing is left to try
    assert insitu("matrix", "ideal", "--workers", "1")[:2] == (0, out)


def test_the_command_refuses_in_one_line(insitu):
    Path("mine.csv").write_text("mine\n")
    code, out, err = insitu("matrix", "ideal", "--workers", "1", "--out", "mine.csv")
    assert (code, out) == (2, "")
    assert "error: mine.csv: is not a file of this study" in err.splitlines()[-1]
    assert "Traceback" not in err


def test_as_markdown_it_says_beneath_each_table_what_its_marks_mean():
    def tried(scheme, verdict, accuracy, reason):
        return matrix.Tried("ideal", "pair", scheme, "stdp", verdict, accuracy, 0.9, reason)

    text = matrix.markdown([
        tried("blind-pulses", "learns", 0.88, ""),
        tried("write-verify", "fails", 0.2, "too coarse"),
        tried("tiki-taka", "refused", None, "does not\nfit"),
        tried("mixed-precision", "fails", 0.1, "too coarse"),
    ])  # fmt: skip
    lines = text.splitlines()
    assert lines[:3] == [
        "## ideal",
        "",
        "| encoding | scheme | stdp | activity difference | backpropagation | feedback alignment |",
    ]
    assert "| pair | blind-pulses | learns, 88 % | - | - | - |" in lines
    assert "| pair | write-verify | fails, 20 % (1) | - | - | - |" in lines
    assert "| pair | tiki-taka | refused (2) | - | - | - |" in lines
    assert "| pair | mixed-precision | fails, 10 % (1) | - | - | - |" in lines
    assert lines[-2:] == ["1. too coarse", "2. does not fit"]


@pytest.mark.usefixtures("pretend")
def test_the_command_writes_the_page_too(insitu, tmp_path):
    code, _, err = insitu("matrix", "ideal", "--workers", "1", "--out", "study.csv", "--page", "study.md")
    assert code == 0, err
    assert (tmp_path / "study.md").read_text().startswith("## ideal")


@pytest.mark.usefixtures("pretend")
def test_the_command_draws_it_or_refuses_before_it_trains(insitu, tmp_path):
    code, out, err = insitu("matrix", "ideal", "--workers", "1", "--plot", "study.jpg")
    assert (code, out) == (2, "")
    assert "--plot: got study.jpg; allowed are names that end in .png or .svg" in " ".join(err.split())
    assert not (tmp_path / "matrix.csv").exists()
    for _ in range(2):
        assert insitu("matrix", "ideal", "--workers", "1", "--plot", "a/study.svg")[0] == 0
    drawn = (tmp_path / "a" / "study.svg").read_bytes()
    assert insitu("matrix", "ideal", "--workers", "1", "--plot", "again.svg")[0] == 0
    assert drawn == (tmp_path / "again.svg").read_bytes()


@pytest.mark.parametrize("option", ["--page", "--plot"])
def test_what_cannot_be_written_is_refused_before_it_trains(pretend, insitu, tmp_path, option):
    (tmp_path / "taken.svg").mkdir()
    for path, words in {
        "taken.svg": f"taken.svg: cannot be written (Is a directory); choose another file with {option}",
        "mine.svg": f"{option}: got mine.svg, the file that keeps what was tried",
    }.items():
        code, out, err = insitu("matrix", "ideal", "--workers", "1", "--out", "mine.svg", option, path)
        assert (code, out) == (2, "")
        assert words in " ".join(err.split())
    assert not pretend.trained
    assert [one.name for one in tmp_path.iterdir()] == ["taken.svg"]


def test_a_device_that_is_named_twice_is_tried_once(pretend, tmp_path):
    assert run(tmp_path / "twice.csv", ["ideal", "ideal"]) == run(tmp_path / "once.csv", ["ideal"])
    assert (tmp_path / "twice.csv").read_bytes() == (tmp_path / "once.csv").read_bytes()


def test_what_is_drawn_is_the_share_of_what_ideal_weights_reach(monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr(matrix, "draw_matrix", lambda shares, *_, enough: shown.append(shares))
    learns = matrix.Tried("ideal", "pair", "tiki-taka", "stdp", "learns", 0.81, 0.9, "")
    refused = matrix.Tried("shi2018-cbram", "bits", "agad", "backpropagation", "refused", None, None, "no")
    matrix.draw([learns, refused], tmp_path / "a.png")
    (shares,) = shown
    assert shares.shape == (2, 7, 5, 4)
    assert shares[0, 5, 1, 0] == pytest.approx(0.9)
    assert np.isnan(shares).sum() == shares.size - 1
