"""The page of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insitu.measure.families import SWITCH
from insitu.pages.blocks import Card, Code, Page, Picture, Pictures, Section, Text
from insitu.pages.pictures import embedded
from insitu.pages.rendering import render
from insitu.reports.device_tables import conditions_table, estimates_table, laws_table, merit_table
from insitu.reports.numbers import typeset

if TYPE_CHECKING:
    from insitu.fits.fitted import Fitted


def fit_page(fitted: Fitted, figure: bytes, file: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    fitted : with the best law first. figure : SVG. file : source of the device file.
    """
    name, diagnosis, candidates, pulses = fitted.name, fitted.diagnosis, fitted.candidates, fitted.pulses
    best = candidates[0].fit
    picture = Pictures((Picture("fit", embedded(figure, "svg+xml")),))
    unexplained = fitted.sentences or ["The errors of its forecasts are those of white, normal noise."]
    found = estimates_table("Numbers of the device", best.estimates, best.device.units)
    costs = [Text(fitted.energy)] if fitted.energy else []
    saved = f"Saved as {name}.py, beside this page. Train on it: insitu run shi2018 --device {name}.py"
    grown = (conditions_table(best.conditions),) if best.conditions else ()
    sections = (
        Section("law", "The law", (*map(Text, unexplained), picture, found, *grown)),
        Section("merit", "Figures of merit", (merit_table(diagnosis, fitted.merits),)),
        Section("laws", "Laws compared", (laws_table(candidates),)),
        Section("device", "The device", (Text(saved), *costs, Code("Device file", file))),
    )
    side = "up" if 1 in best.signs else "down"
    first = (f"step_{side}", "c2c_cv" if "c2c_cv" in best.estimates else "c2c_sd")
    titles = (f"First step {side}", "Scatter of a step, c2c")
    if best.family.name == SWITCH:
        first, titles = ("probability_up", "probability_down"), ("An up pulse switches", "A down pulse switches")
    cards = [
        Card(title=title, value=value, what=f"{best.family.name} law", note=f"± {error}" if error != "–" else remark)
        for title, key in zip(titles, first, strict=True)
        for name, value, error, _, remark in (map(typeset, row) for row in found.texts)
        if name == key
    ]
    if best.family.name != SWITCH and (snr := diagnosis.snr):  # a c2c of a table is in units of its own deviations
        error = fitted.merits["snr"].error
        note = "" if error is None else f"± {100 * error / snr**2:.2g} %"
        cards[1] = Card(
            title="Scatter of a step, mid-range", value=f"{100 / snr:.3g} %", what="of the mean step", note=note
        )
    levels = "not determined" if diagnosis.levels is None else f"{diagnosis.levels:,.3g}"
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
