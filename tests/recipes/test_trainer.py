"""The loop of training: it stops where it is told, and an interruption changes nothing."""

import io
import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from insitu.recipes.session import Session
from insitu.recipes.training import Meter, Shuffled, train
from insitu.runs import RunFolder


class Summing:
    """A network whose state tells in which order examples came."""

    def __init__(self):
        self.shown, self.state = 0, 0.0

    def warm_up(self):
        pass

    def learn(self, first, stop, meter):
        for number in range(first, stop):
            self.state = (self.state * 31 + number) % 1e9
        self.shown = stop

    def arrays(self):
        return {"state": np.array(self.state), "shown": np.array(self.shown)}

    def restore(self, arrays):
        self.state, self.shown = float(arrays["state"]), int(arrays["shown"])


def session(path, **options):
    return Session(RunFolder(path), Console(file=io.StringIO(), quiet=True), **options)


def look(stop, meter):
    """A row at every second stop; the notes are how many looks there were."""
    meter.notes["looks"] = meter.notes.get("looks", 0) + 1
    return ({"images": stop, "looks": meter.notes["looks"]} if meter.notes["looks"] % 2 == 0 else None), ""


def test_an_interruption_between_any_two_stops_changes_neither_network_nor_metrics(tmp_path):
    whole = Summing()
    stops = range(10, 101, 10)
    (tmp_path / "whole").mkdir()
    meter = train(whole, session(tmp_path / "whole"), stops, whole.learn, look)
    assert [row["images"] for row in meter.rows] == [20, 40, 60, 80, 100]
    for place in stops:
        path = tmp_path / str(place)
        path.mkdir()
        first, second = Summing(), Summing()

        def stopped(begin, stop, meter, network=first, place=place):
            if begin >= place:
                raise KeyboardInterrupt
            network.learn(begin, stop, meter)

        if place < 100:
            with pytest.raises(KeyboardInterrupt):
                train(first, session(path), stops, stopped, look)
        again = train(second, session(path, resume=True), stops, second.learn, look)
        assert (second.state, again.rows, again.notes) == (whole.state, meter.rows, meter.notes)
        assert [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()] == meter.rows


def test_where_only_the_result_counts_nothing_is_written(tmp_path):
    network = Summing()
    train(network, session(tmp_path, result_only=True), [50], network.learn, look, meter=Meter(notes={"looks": 1}))
    assert network.shown == 50
    assert not list(tmp_path.iterdir())


@given(size=st.integers(1, 20), cuts=st.lists(st.integers(0, 60), max_size=5))
def test_each_epoch_shows_every_example_once_however_it_is_cut(size, cuts):
    shuffled, total = Shuffled(3, size), 3 * size
    edges = sorted({0, total, *(cut for cut in cuts if cut < total)})
    seen = {0: [], 1: [], 2: []}
    for first, stop in itertools.pairwise(edges):
        for epoch, part in shuffled.parts(first, stop):
            seen[epoch] += part.tolist()
    whole = {epoch: part.tolist() for epoch, part in shuffled.parts(0, total)}
    assert seen == whole
    assert all(sorted(order) == list(range(size)) for order in whole.values())
