"""The page of a fit."""

from __future__ import annotations

from collections.abc import Sequence

from insitu.measure.comparing import Candidate
from insitu.measure.diagnosing import Diagnosis
from insitu.measure.pulses import Pulses
from insitu.measure.residuals import Residuals
from insitu.reports.device_tables import estimates_table, laws_table, merit_table
from insitu.reports.numbers import typeset
from insitu.reports.page.blocks import Card, Code, Page, Picture, Pictures, Section, Text
from insitu.reports.page.pictures import embedded
from insitu.reports.page.rendering import render


def fit_page(
    name: str,
    candidates: Sequence[Candidate],
    pulses: Pulses,
    diagnosis: Diagnosis,
    left: Residuals,
    figure: bytes,
    file: str,
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    candidates : the best first. left : what the best leaves unexplained. figure : SVG. file : source of the device file.
    """
    best = candidates[0].fit
    picture = Pictures((Picture("fit", embedded(figure, "svg+xml")),))
    unexplained = left.sentences() or ["The errors of its forecasts are those of white, normal noise."]
    found = estimates_table("Numbers of the device", best.estimates, best.device.units)
    saved = f"Saved as {name}.py, beside this page. Train on it: insitu run shi2018 --device {name}.py"
    sections = (
        Section("law", "The law", (picture, found, *map(Text, unexplained))),
        Section("merit", "What a network will feel", (merit_table(diagnosis),)),
        Section("laws", "Laws compared", (laws_table(candidates),)),
        Section("device", "The device", (Text(saved), Code("Device file", file))),
    )
    first = ("step_up", "c2c_cv" if "c2c_cv" in best.estimates else "c2c_sd")
    titles = ("First step up", "Scatter of a step, c2c")
    cards = [
        Card(title=title, value=value, what=f"{best.family.name} law", note=f"± {error}" if error != "–" else remark)
        for title, key in zip(titles, first, strict=True)
        for name, value, error, _, remark in (map(typeset, row) for row in found.texts)
        if name == key
    ]
    levels = f"{diagnosis.levels:,.3g}"
    cards.append(Card(title="Levels", value=levels, what="steps over the range that scatter does not hide", note=""))
    return render(
        Page(
            title=f"{name}: a device fitted to measured pulses",
            lead=typeset(pulses.describe()) + ".",
            cards=tuple(cards),
            facts=(("Data", pulses.source), ("Pulses", pulses.conditions)),
            sections=sections,
        )
    )
