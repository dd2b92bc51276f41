"""What all figures share: size, resolution, colours that colour-blind readers can tell apart, and how they are saved."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError
from insitu.reports.examples import worded
from insitu.runs.writing import atomic_write, require_writable

if TYPE_CHECKING:  # matplotlib is imported only when something is drawn
    from matplotlib.axes import Axes as Axes
    from matplotlib.cm import ScalarMappable as ScalarMappable
    from matplotlib.figure import Figure as Figure
else:
    Axes = ScalarMappable = Figure = Any

DPI = 150
#: what is not there: pixels that are no input
NEUTRAL = "#d4d4d4"
UP, DOWN = "#b2182b", "#2166ac"  #: pulses, as in the pictures of devices
BLUE, ORANGE, GREEN, BLACK = "#0072b2", "#e69f00", "#009e73", "#111111"  #: Okabe and Ito, jfly.uni-koeln.de/color
_SERIES = (BLUE, "#d55e00", GREEN, "#cc79a7", ORANGE, "#56b4e9", BLACK, "#8b4513", "#6a3d9a", "#999933", "#882255")
#: Paul Tol's muted scheme (personal.sron.nl/~pault) and black
_CLASSES = ("#332288", "#cc6677", "#117733", "#88ccee", "#882255", "#999933", "#44aa99", "#aa4499", "#ddaa33", BLACK)


@contextmanager
def own_style() -> Iterator[None]:
    """Draw in it: figures look the same whatever style, TeX or backend the user's own plots are drawn with."""
    given = os.environ.pop("MPLBACKEND", None)  # a wrong one would end the import
    try:
        from matplotlib import rcParams, style
    finally:
        if given is not None:
            os.environ["MPLBACKEND"] = given
    with contextlib.suppress(ValueError):
        rcParams.update({} if given is None else {"backend": given})
    with style.context("default"):
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size, inches; no pyplot, so nothing is shared with the caller's own plots."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def titled(title: str, width: float, height: float, *grid: int, fontsize: float = 11, **how: Any) -> tuple[Figure, Any]:
    """Return a figure with a title, and its axes: one, or those of a grid (rows, columns), made as ``how`` says."""
    figure = new_figure(width, height)
    figure.suptitle(title, fontsize=fontsize)
    return figure, figure.subplots(*grid, **how)


def save_all(figures: Mapping[str, Figure], folder: Path, example: str | None = None) -> list[Path]:
    """Write figures by name into a folder, as :func:`save` does; return the paths of the PNGs.

    ``example`` is what an example of the data is called: titles and labels of axes speak of that in place of images.
    """
    for figure in figures.values():
        of_axes = [one for axes in figure.axes for one in (axes.title, axes.xaxis.label, axes.yaxis.label)]
        for text in of_axes if figure._suptitle is None else (figure._suptitle, *of_axes):  # type: ignore[attr-defined]
            text.set_text(worded(text.get_text(), example))
    return [save(figure, folder / f"{name}.png") for name, figure in figures.items()]


@own_style()
def save(figure: Figure, path: Path) -> Path:
    """Write the figure as PNG, and beside it as SVG, each whole or not at all; return the path of the PNG.

    Raises
    ------
    RunError : a file cannot be written.
    """
    open_frames(figure)
    atomic_write(path, to_png(figure))
    atomic_write(path.with_suffix(".svg"), to_svg(figure))
    return path


def save_as(figure: Figure, path: Path) -> Path:
    """Write the figure as what the name of the path says, PNG or SVG, into a folder that is made if it has to be.

    Raises
    ------
    InputError : the path ends otherwise. RunError : the file cannot be written.
    """
    require_picture(path)
    open_frames(figure)
    require_writable(path, _WAY)
    atomic_write(path, _FORMS[path.suffix.lower()](figure), way=_WAY)
    return path


def require_picture(path: Path, field: str = "path") -> None:
    """Raise InputError, about a field, unless a path ends as a picture that can be drawn does."""
    if path.suffix.lower() not in _FORMS:
        raise InputError(f"{field}: got {path}; allowed are names that end in {' or '.join(_FORMS)}")


def _lay_out(figure: Figure) -> None:
    """Put everything in its place, rounded: the last digits of what the layout finds differ from time to time."""
    engine = figure.get_layout_engine()
    if engine is not None and figure.axes:
        engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        axes.set_position(np.round(axes.get_position(original=True).bounds, 9))


def open_frames(figure: Figure) -> None:
    """Take away the frame of all axes but maps above, and opposite to the numbers of their y axis."""
    for axes in figure.axes:
        if not axes.images and not any(type(one).__name__ == "QuadMesh" for one in axes.collections):
            away = "left" if axes.yaxis.label_position == "right" else "right"
            axes.spines[["top", away]].set_visible(False)


# Both draw once: ``savefig`` would draw the figure twice, the first time only to lay it out.


@own_style()
def to_png(figure: Figure) -> bytes:
    """Return the figure as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    _lay_out(figure)
    drawn = io.BytesIO()
    FigureCanvasAgg(figure).print_png(drawn)
    return drawn.getvalue()


@own_style()
def to_svg(figure: Figure) -> bytes:
    """Return the figure as SVG, with text as outlines, so that it looks the same everywhere, and the same bytes each time."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    _lay_out(figure)
    drawn = io.BytesIO()
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "insitu"}):
        FigureCanvasSVG(figure).print_svg(drawn, metadata={"Date": None})
    return drawn.getvalue()


_FORMS = {".png": to_png, ".svg": to_svg}
_WAY = "choose another folder"


def class_color(label: int) -> str:
    """Return the colour of a class; silent neurons (-1) are grey, from the eleventh class on colours repeat."""
    return "#888888" if label < 0 else _CLASSES[label % len(_CLASSES)]


def series_color(index: int) -> str:
    """Return the colour of the index-th line of a plot."""
    return _SERIES[index % len(_SERIES)]


def legend_above(axes: Axes, columns: int = 4, **entries: Any) -> None:
    """Put the legend on top of the axes, where it hides no data; it takes the place of a title."""
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
    axes.legend(ncols=columns, frameon=False, columnspacing=1.4, **place, **entries)


def legend_beside(axes: Axes, handles: Sequence[Any]) -> None:
    """Put a long legend to the right of the axes."""
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0}
    axes.legend(handles=handles, fontsize=8, frameon=False, **place)


def grouped(axis: Any) -> None:
    """Write the numbers of an axis with thousands separators."""
    axis.set_major_formatter(lambda value, _: f"{value:,.10g}")


def scaled(axis: Any, *, log: bool) -> None:
    """Make an axis logarithmic or leave it linear, and write its numbers in full."""
    if log:
        getattr(axis.axes, f"set_{axis.axis_name}scale")("log")
        plain_log(axis)
    else:
        grouped(axis)


def plain_log(axis: Any) -> None:
    """Write the numbers of a logarithmic axis in full, unless it is very long; 2 and 5 too within two decades or so."""
    low, high = sorted(axis.get_view_interval())
    decades = np.log10(high / low) if low > 0 else 9
    if decades > 4.5:
        return
    wanted = "2345678" if decades < 1 else "25" if decades < 2.3 else ""
    grouped(axis)
    axis.set_minor_formatter(lambda value, _: f"{value:,.10g}" if f"{value:.0e}"[0] in wanted else "")


def draw_map(axes: Axes, image: NDArray[Any], low: float, high: float) -> ScalarMappable:
    """Draw one value a pixel, from ``low`` to ``high``; NaN, a pixel that is no input, is grey."""
    from matplotlib import colormaps

    colors = colormaps["viridis"].with_extremes(bad=NEUTRAL)
    drawn = axes.imshow(image, cmap=colors, vmin=low, vmax=high, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    return drawn


def log_if_steep(axes: Axes, *counts: NDArray[np.integer]) -> None:
    """Make the y axis of a histogram logarithmic where a linear one would hide most of its bars."""
    bars = np.concatenate(counts)
    bars = bars[bars > 0]
    if bars.size and bars.max() > 10 * np.median(bars):
        axes.set_yscale("log")
        axes.set_ylim(0.7, 3 * bars.max())
    else:
        axes.set_ylim(0, 1.08 * bars.max() if bars.size else 1)
