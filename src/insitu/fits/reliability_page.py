"""The page of retention, endurance or noise that was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insitu.pages.blocks import Block, Card, Code, Page, Picture, Pictures, Section, Text
from insitu.pages.pictures import embedded
from insitu.pages.rendering import render
from insitu.reports.numbers import typeset

if TYPE_CHECKING:
    from insitu.fits.measured import Measured

_CARDS = 3  #: numbers that head the page


def reliability_page(measured: Measured, figure: bytes, file: str | None) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    figure : SVG. file : source of the device file; None if there is none.
    """
    picture = Pictures((Picture(measured.kind, embedded(figure, "svg+xml")),))
    numbers, *others = measured.tables()
    blocks: list[Block] = [*map(Text, measured.sentences), picture, numbers]
    sections = [Section("numbers", "What was measured", tuple(blocks))]
    if others:
        sections.append(Section("more", "In detail", tuple(others)))
    if file is not None:
        saved = f"Saved as {measured.name}.py, beside this page. Train on it: insitu run shi2018 --device {measured.name}.py"
        sections.append(Section("device", "The device", (Text(saved), Code("Device file", file))))
    cards = [
        Card(title=name, value=value, what=measured.kind, note=f"± {error}" if error != "–" else remark)
        for name, value, error, remark in (
            map(typeset, row) for row in (numbers.texts[:_CARDS] if measured.estimates else ())
        )
    ]
    return render(
        Page(
            title=f"{measured.name}: {measured.kind} as measured",
            lead=typeset(measured.series.describe()) + ".",
            cards=tuple(cards),
            facts=(("Data", measured.series.source), ("Conditions", measured.finding.conditions)),
            sections=tuple(sections),
        )
    )
