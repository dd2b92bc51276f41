"""Which combinations learn: devices x encodings x schemes x signals, on the embedded digits; the others say why not."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pandas import DataFrame
from sklearn.datasets import load_digits

from insitu import CrossbarClassifier, EnergyClassifier, FeedbackAlignment, SpikingClassifier
from insitu.cells import DifferentialPair, MultiConductance, Significance
from insitu.devices.base import Device
from insitu.devices.library import load, names
from insitu.devices.response import step_statistics
from insitu.errors import InputError
from insitu.measure.diagnosing import LONGEST, diagnose
from insitu.recipes import axes
from insitu.recipes.workers import Outcome
from insitu.reports.matrix_figure import draw_matrix
from insitu.reports.tables import Table, words
from insitu.runs.writing import atomic_write, make_folder, read_bytes
from insitu.schemes import Exact, SignPulses
from insitu.studies.executors import Processes, in_processes

Verdict = Literal["learns", "refused", "fails"]
Key = tuple[str, str, str, str]  #: device, encoding, scheme and signal
HEAD = ("device", "encoding", "scheme", "signal", "verdict", "accuracy", "ideal", "reason")

ENCODINGS = ("single", "pair", "referenced", "bits", "two significances")
SCHEMES = ("agad", "blind-pulses", "error-aware", "mixed-precision", "sign-pulses", "tiki-taka", "write-verify")
SIGNALS = ("stdp", "activity difference", "backpropagation", "feedback alignment")

_ENOUGH = 0.8  #: of what ideal weights reach, to count as learning
_TRAIN = 1000  #: of the 1,797 digits


@dataclass(frozen=True)
class Tried:
    """What came of one combination.

    Parameters
    ----------
    accuracy, ideal : of the test images, and what the same network reaches with ideal weights; None where it was refused.
    reason : why it was refused, or failed.
    """

    device: str
    encoding: str
    scheme: str
    signal: str
    verdict: Verdict
    accuracy: float | None
    ideal: float | None
    reason: str

    @property
    def key(self) -> Key:
        """The combination."""
        return self.device, self.encoding, self.scheme, self.signal


def combinations(devices: Sequence[str] = ()) -> Iterator[Key]:
    """Yield all combinations of the devices (all of the library if none is named), each once, in a fixed order.

    Raises
    ------
    InputError : a device is unknown; before any of them.
    """
    for device in devices:
        load(device)
    yield from product(dict.fromkeys(devices) or names(), ENCODINGS, SCHEMES, SIGNALS)


def attempt(device: str, encoding: str, scheme: str, signal: str) -> Tried:
    """Train a small network in one combination with the defaults, seed 0, and say what came of it."""
    key = (device, encoding, scheme, signal)
    try:
        model = _model(signal, **_axes(load(device).device, encoding, scheme))
        accuracy = _trained(model)
    except InputError as error:
        return Tried(*key, "refused", None, None, str(error))
    ideal = _ideal(signal)
    if accuracy >= _ENOUGH * ideal:
        return Tried(*key, "learns", accuracy, ideal, "")
    return Tried(*key, "fails", accuracy, ideal, why(model.network_))


def run_matrix(
    path: Path,
    devices: Sequence[str] = (),
    done: Callable[[Tried], None] = lambda _: None,
    workers: int | None = None,
) -> list[Tried]:
    """Try all combinations that a CSV file does not hold yet, writing it anew after each; return all that are wanted.

    Parameters
    ----------
    path : of the file. devices : of the library; all if none is named. done : called with each combination tried.
    workers : processes; None is one a core.
    """
    found, wanted = {one.key: one for one in read(path)}, [*combinations(devices)]
    _write(path, list(found.values()))  # refused before minutes of training, if it cannot be written
    order = dict.fromkeys([*found, *wanted])  # whichever ends first

    def keep(key: Key, outcome: Outcome) -> None:
        if isinstance(outcome, Exception):
            raise outcome
        found[key] = outcome
        _write(path, [found[one] for one in order if one in found])
        done(outcome)

    left = [key for key in wanted if key not in found]
    in_processes(_attempt, left, Processes(workers).at_once(len(left)), keep)
    return [found[key] for key in wanted]


def _attempt(key: Key) -> Tried:
    return attempt(*key)


def read(path: Path) -> list[Tried]:
    """Return what a CSV file of an earlier study holds, nothing if there is none; InputError if it is another file."""
    if not path.exists():
        return []
    try:
        head, *rows = csv.reader(io.StringIO(read_bytes(path).decode(), newline=""))
        if tuple(head) == HEAD:
            return [_tried(*row) for row in rows]
        wrong = "another first line"
    except (ValueError, csv.Error) as error:  # no text, no line, or a row that is cut short
        wrong = str(error)
    raise InputError(f"{path}: is not a file of this study ({wrong}); its first line has to be {','.join(HEAD)}")


def _tried(*cells: Any) -> Tried:
    named = dict(zip(HEAD, cells, strict=True))
    return Tried(**named | {key: float(named[key]) if named[key] else None for key in ("accuracy", "ideal")})


def _write(path: Path, tried: Sequence[Tried]) -> None:
    make_folder(path.parent)
    table = DataFrame(tried, columns=list(HEAD))
    atomic_write(path, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


def table(tried: Sequence[Tried]) -> Table:
    """Return the matrix as a table: a line a device, encoding and scheme, a column a signal; then why some do not learn."""
    rows, reasons = _marked(tried)
    note = "\n".join(f"({number}) {reason}" for number, reason in enumerate(reasons, 1))
    return Table("Which combinations learn", words("device", "encoding", "scheme", *SIGNALS), rows, note=note)


def markdown(tried: Sequence[Tried]) -> str:
    """Return the matrix as Markdown: for each device a table, and beneath it why what is marked there does not learn."""
    parts = []
    for device in dict.fromkeys(one.device for one in tried):
        rows, reasons = _marked([one for one in tried if one.device == device])
        head = [f"## {device}", "", f"| encoding | scheme | {' | '.join(SIGNALS)} |", f"|{'---|' * (2 + len(SIGNALS))}"]
        lines = [f"| {' | '.join(row[1:])} |" for row in rows]
        notes = [f"{number}. {reason}" for number, reason in enumerate(reasons, 1)]
        parts.append("\n".join([*head, *lines, "", *notes]))
    return "\n\n".join(parts) + "\n"


def draw(tried: Sequence[Tried], path: Path) -> Path:
    """Draw what all combinations reach, a line a device, as a PNG or SVG file.

    Raises
    ------
    InputError : the path ends otherwise. RunError : the file cannot be written.
    """
    devices = list(dict.fromkeys(one.device for one in tried))
    sides = devices, SCHEMES, ENCODINGS, SIGNALS
    shares = np.full([len(side) for side in sides], np.nan)
    for one in tried:
        if one.accuracy is not None and one.ideal:
            named = (one.device, one.scheme, one.encoding, one.signal)
            shares[tuple(side.index(name) for side, name in zip(sides, named, strict=True))] = one.accuracy / one.ideal
    return draw_matrix(shares, *sides, path, enough=_ENOUGH)


def _marked(tried: Sequence[Tried]) -> tuple[list[list[str]], list[str]]:
    """Return a line a device, encoding and scheme: each verdict with the number of its reason; and the reasons."""
    said = {one.key: one for one in tried}
    reasons = list(dict.fromkeys(one.reason for one in tried if one.reason))
    keys = dict.fromkeys(key[:3] for key in said)
    rows = [[*key, *(_short(said.get((*key, signal)), reasons) for signal in SIGNALS)] for key in keys]
    return rows, [" ".join(reason.split()) for reason in reasons]


def _short(one: Tried | None, reasons: Sequence[str] = ()) -> str:
    if one is None:
        return "-"
    said = one.verdict if one.accuracy is None else f"{one.verdict}, {100 * one.accuracy:.0f} %"
    return f"{said} ({reasons.index(one.reason) + 1})" if one.reason in reasons else said


def why(network: Any) -> str:
    """Return what a network that has not learned suffers from, in numbers."""
    layer = network.layers[0]
    span, counts = layer.array.encoding.w_max - layer.array.encoding.w_min, network.counts
    reasons = []
    if layer.step > 0.02 * span and not layer.takes_dense:
        reasons.append(f"one step is {layer.step / span:.2g} of a weight's range; open-loop training wants under 0.02")
    if network.cut_fraction > 0.2:
        cut = f"{100 * network.cut_fraction:.0f} % of the updates wanted more pulses than a train has slots for"
        reasons.append(f"{cut}: a step of {layer.step / span:.1g} of a weight's range is too fine for the rate")
    if counts.tuned and counts.missed > 0.05 * counts.tuned:
        reasons.append(f"{100 * counts.missed / counts.tuned:.0f} % of the closed-loop writes missed their tolerance")
    if layer.takes_dense and layer.step > 0.02 * span:
        reasons.append(f"one step is {layer.step / span:.2g} of a weight's range, too coarse to be written to a target")
    scatter = _scatter(layer.learning.device)
    if scatter > 1:
        reasons.append(f"a step scatters by {scatter:.2g} of its size from pulse to pulse")
    asymmetry = diagnose(layer.learning.device).asymmetry or 0.0
    whole = layer.step * LONGEST > 2 * span  # else the curves end before the bounds do
    verified = hasattr(layer.scheme, "loop") or (layer.scheme.by_law and layer.array.by_law)
    if asymmetry > 0.2 and whole and not verified:
        reasons.append(
            f"the way up differs from the way down by {asymmetry:.2g} of the range, and nothing verifies a pulse"
        )
    reasons += network.hindrances
    if counts.pulses_up and not counts.pulses_down and layer.learning.device.one_sided and not counts.resets:
        how = network.layers[0].scheme.transfer
        every = "never" if how is None else f"every {how.refresh:,} examples"
        reasons.append(f"one-sided pairs were never refreshed ({every}; {network.shown:,} examples were shown)")
    up, down = layer.up, layer.down
    if min(up, down) < 0.5 * max(up, down):
        reasons.append(f"a pulse down moves a weight {down / up:.2g} times as far as one up")
    worn = float(np.mean([np.mean(array.writes >= array.lifetime) for array in layer.arrays_of_cells]))
    if worn > 0.1:  # fewer, networks learn around
        reasons.append(f"{100 * worn:.0f} % of the cells are dead or worn out")
    alike = float(np.mean(layer.values == layer.values.flat[0]))
    if not reasons and counts.pulses == 0:
        reasons.append("no pulse was given: what was wanted stayed below one step")
    if not reasons and alike > 0.5:
        reasons.append(f"{100 * alike:.0f} % of the weights are equal")
    carried = float(layer.learning.writes.mean()) * layer.step / span
    if not reasons and isinstance(layer.scheme, SignPulses) and carried > 0.2:
        reasons.append(
            f"a change has one pulse however small it is: in {network.shown:,} examples they carried the cells of the "
            f"first array over {carried:.2g} of their range; a higher scheme.threshold ({layer.scheme.threshold:g} here) "
            "leaves small ones out"
        )
    drawn = f"{counts.pulses:,} pulses for {network.shown:,} examples"
    return "; ".join(reasons) or f"none of the usual reasons: the defaults of this scheme do not suit it ({drawn})"


def _scatter(device: Device) -> float:
    """Return the spread of a step up from pulse to pulse, relative to its mean, from the middle of the range."""
    mean, sd = step_statistics(device, 1, [(device.g_min + device.g_max) / 2])
    return float(sd[0] / abs(mean[0])) if mean[0] else 0.0


def _axes(device: Device, encoding: Any, scheme: str) -> dict[str, Any]:
    if encoding == "two significances":
        above = Significance(device=load("ambrogio2018-pcm").device, gain=4.0)
        cells: Any = MultiConductance(parts=(above, Significance()))
    else:
        cells = axes.encoding_of(encoding, device, bits=4, otherwise=DifferentialPair())
    return {"device": device, "encoding": cells, "scheme": axes.SCHEMES[scheme]()}


def _model(signal: str, **axes: Any) -> Any:
    if signal == "stdp":
        return SpikingClassifier(neurons=100, epochs=20, random_state=0, **axes)
    if signal == "activity difference":
        return EnergyClassifier((32,), epochs=30, random_state=0, **axes)
    feedback = FeedbackAlignment() if signal == "feedback alignment" else None
    return CrossbarClassifier((32,), epochs=10, feedback=feedback, random_state=0, **axes)


def _trained(model: Any) -> float:
    x, y = load_digits(return_X_y=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is in the reason
        return float(model.fit(x[:_TRAIN], y[:_TRAIN]).score(x[_TRAIN:], y[_TRAIN:]))


@cache
def _ideal(signal: str) -> float:
    """Return what the same network reaches with weights that are numbers, of the range of a pair."""
    device = load("ideal").device
    return _trained(_model(signal, device=device, encoding=DifferentialPair(), scheme=Exact()))
