"""A figure is saved twice: as pixels and as vectors, the same bytes each time."""

import os

import matplotlib
import pytest

from insitu.errors import RunError
from insitu.reports.canvas import new_figure, own_style, save, to_svg


def _drawn():
    figure = new_figure(3, 2)
    axes = figure.subplots()
    axes.plot([0, 1], [1, 0], label="µS")
    axes.legend()
    return figure


def test_png_and_svg_beside_each_other(tmp_path):
    assert save(_drawn(), tmp_path / "a.png") == tmp_path / "a.png"
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg"]


def test_a_vector_figure_is_the_same_each_time_and_brings_its_letters():
    assert to_svg(_drawn()) == to_svg(_drawn())
    assert b"dc:date" not in to_svg(_drawn())
    assert b"<text" not in to_svg(_drawn())  # outlines: no font of the reader is needed


def test_what_the_layout_found_is_rounded():
    """Its last digits differ from run to run, and the identifiers within the file are made of them."""
    one, two = _drawn(), _drawn()
    one.axes[0].set_position([0.2, 0.2, 0.7, 0.7])
    two.axes[0].set_position([0.2, 0.2 + 1e-15, 0.7 + 1e-14, 0.7])
    for figure in (one, two):
        figure.set_layout_engine("none")
    assert to_svg(one) == to_svg(two)


def test_the_style_of_the_user_changes_no_figure(monkeypatch):
    """Nor does a backend that is none, which matters to the import alone."""
    plain = to_svg(_drawn())
    with matplotlib.rc_context({"text.usetex": True, "font.size": 30, "axes.facecolor": "red"}):
        monkeypatch.setenv("MPLBACKEND", "nonsense")
        with own_style():
            assert to_svg(_drawn()) == plain
        assert matplotlib.rcParams["text.usetex"]
    assert os.environ["MPLBACKEND"] == "nonsense"


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(RunError, match=r"a\.png: cannot be written"):
        save(_drawn(), tmp_path / "missing/a.png")
