"""The page of a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from insitu.measure.comparing import Candidate
from insitu.measure.diagnosing import Diagnosis
from insitu.measure.pulses import Pulses
from insitu.measure.residuals import Residuals
from insitu.measure.searching import Estimate
from insitu.reports.page.blocks import Block, Card, Code, Page, Pictures, Section, Table, Text
from insitu.reports.page.pictures import embedded, made
from insitu.reports.page.rendering import render
from insitu.units import micro, si


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
    picture = Pictures((made("fit", embedded(figure, "svg+xml")),))
    unexplained = left.sentences() or ["The errors of its forecasts are those of white, normal noise."]
    sections = (
        Section("law", "The law", (picture, numbers_table(best.estimates, best.device.units), *map(Text, unexplained))),
        Section("merit", "What a network will feel", (_merit(diagnosis),)),
        Section("laws", "Laws compared", (laws_table(candidates),)),
        Section("device", "The device", _device(name, file)),
    )
    first = ("step_up", "c2c_cv" if "c2c_cv" in best.estimates else "c2c_sd")
    titles = ("First step up", "Scatter of a step, c2c")
    cards = [
        Card(title=title, value=value, what=f"{best.family.name} law", note=f"± {error}" if error != "–" else remark)
        for title, key in zip(titles, first, strict=True)
        for value, error, _, remark in [map(micro, estimate_cells(best.estimates[key], best.device.units.get(key, "")))]
    ]
    levels = f"{diagnosis.levels:,.3g}"
    cards.append(Card(title="Levels", value=levels, what="steps over the range that scatter does not hide", note=""))
    return render(
        Page(
            title=f"{name}: a device fitted to measured pulses",
            lead=micro(pulses.describe()) + ".",
            cards=tuple(cards),
            facts=(("Data", pulses.source), ("Pulses", pulses.conditions)),
            sections=sections,
        )
    )


def numbers_table(estimates: Mapping[str, Estimate], units: Mapping[str, str]) -> Table:
    """Return every number with its error."""
    rows = tuple((key, *map(micro, estimate_cells(one, units.get(key, "")))) for key, one in estimates.items())
    note = "± is one standard error. Numbers without one are at a bound, not determined, or of a single device."
    return Table(
        caption="Numbers of the device",
        head=("Number", "Value", "±", "Start", "Remark"),
        rows=rows,
        words=(0, 4),
        note=note,
    )


def estimate_cells(one: Estimate, unit: str) -> tuple[str, str, str, str]:
    """Return value, error, start and remark as text."""
    value, error, start = (
        "–" if v is None else si(v, unit) if unit else f"{v:.3g}" for v in (one.value, one.error, one.start)
    )
    return value, error, start, one.remark


def laws_table(candidates: Sequence[Candidate]) -> Table:
    """Return the candidates with what they were judged by."""
    best = min(c.bic for c in candidates)
    rows = tuple((c.fit.family.name, *candidate_cells(c, best)) for c in candidates)
    head = ("Law", "Free numbers", "ln L", "BIC above the lowest", "Held out, ln L a pulse", "Remark")
    return Table(caption="The best first", head=head, rows=rows, words=(0, 5))


def candidate_cells(one: Candidate, best_bic: float) -> tuple[str, str, str, str, str]:
    """Return free numbers, log-likelihood, BIC above the lowest, held-out score and remark as text."""
    held = "–" if one.held_out is None else f"{one.held_out:.4f}"
    remark = "scatter at its limit" if one.strained else ""
    return str(one.fit.parameters), f"{one.fit.log_likelihood:,.1f}", f"{one.bic - best_bic:,.1f}", held, remark


def _merit(diagnosis: Diagnosis) -> Table:
    return Table(caption="Figures of merit", head=("What", "Value"), rows=tuple(diagnosis.rows()))


def _device(name: str, file: str) -> tuple[Block, ...]:
    return (
        Text(f"Saved as {name}.py, beside this page. Train on it: insitu run shi2018 --device {name}.py"),
        Code("Device file", file),
    )
