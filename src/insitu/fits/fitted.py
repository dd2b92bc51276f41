"""Devices fitted to pulses, for people: the numbers with their errors as a table, and a folder with the device file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from insitu import terminal
from insitu.devices.base import Device
from insitu.errors import InputError
from insitu.fits.page import fit_page
from insitu.ledger.costset import beside
from insitu.measure.answering import Fault, said_aside, with_faults
from insitu.measure.comparing import Candidate
from insitu.measure.diagnosing import Diagnosis
from insitu.measure.energies import cost_set, pulse_energies
from insitu.measure.families import TABLE
from insitu.measure.fitting import Fit
from insitu.measure.merits import Merit, judged
from insitu.measure.pulses import Pulses
from insitu.measure.residuals import Residuals, residuals
from insitu.measure.searching import Estimate
from insitu.measure.switching import said_of
from insitu.measure.varying import off_conditions
from insitu.measure.writing import device_file, hardly_measured, said_of_decades, unmeasured
from insitu.runs.writing import atomic_write, cannot_write, read_bytes, to_json

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console


@dataclass(frozen=True, repr=False)
class Fitted(terminal.Shown):
    """What :func:`insitu.fit` found; once saved it is a path too, that of its device file, wherever a path is asked for.

    Parameters
    ----------
    name : of the device. pulses : what was measured.
    candidates : the laws that were fitted, the best first.
    diagnosis : figures of merit of the best. merits : how sure each is. residuals : what it leaves unexplained.
    faults : devices that did not answer, and were set aside.
    folder : where it was saved; None if it was not.
    """

    name: str
    pulses: Pulses
    candidates: tuple[Candidate, ...]
    diagnosis: Diagnosis
    merits: Mapping[str, Merit]
    residuals: Residuals
    faults: tuple[Fault, ...] = ()
    folder: Path | None = None

    @classmethod
    def of(cls, name: str, pulses: Pulses, candidates: Sequence[Candidate], faults: tuple[Fault, ...] = ()) -> Fitted:
        """Return what candidates, the best first, say of a device."""
        if faults:
            candidates = [replace(one, fit=with_faults(one.fit, faults, len(pulses.names))) for one in candidates]
        best, left = candidates[0].fit, residuals(candidates[0].fit, pulses)
        table = next((one for one in candidates if one.fit.family.name == TABLE and one.of_part is None), None)
        if not left.fits and table and table.fit.foreseen.shape == best.foreseen.shape:  # the least wrong
            of_table = residuals(table.fit, pulses)
            if of_table.missed < left.missed:
                candidates = [table, *(one for one in candidates if one is not table)]
                best, left = table.fit, of_table
        return cls(name, pulses, tuple(candidates), *judged(best), left, faults)

    @property
    def best(self) -> Fit:
        """The fit of the best law."""
        return self.candidates[0].fit

    @property
    def device(self) -> Device:
        """The device, with its noise and the spread from device to device."""
        return self.best.device

    @property
    def law(self) -> str:
        """Name of the best law."""
        return self.best.family.name

    @property
    def estimates(self) -> Mapping[str, Estimate]:
        """Every number of the device with its error, where the search began, and a remark."""
        return self.best.estimates

    @property
    def errors(self) -> dict[str, float | None]:
        """Standard error of every number; None where there is none: at a bound, or not determined."""
        return {key: one.error for key, one in self.estimates.items()}

    @property
    def table(self) -> DataFrame:
        """The numbers of the device by name: ``value``, ``error``, ``unit``, ``start``, ``remark``."""
        from pandas import DataFrame

        units = self.device.units
        rows = [asdict(one) | {"unit": units.get(key, "")} for key, one in self.estimates.items()]
        return DataFrame(rows, index=list(self.estimates))[["value", "error", "unit", "start", "remark"]]

    @property
    def laws(self) -> DataFrame:
        """One row a law, the best first: free numbers, log-likelihood, BIC, likelihood of devices held out."""
        from pandas import DataFrame

        return DataFrame(self.as_dict()["laws"])

    @property
    def sentences(self) -> list[str]:
        """What has to be known of the fit beside its numbers, warnings first."""
        warnings = self.residuals.sentences()
        return (
            [one for one in warnings if one.startswith("Warning")]
            + hardly_measured(self.best, self.pulses)
            + said_of_decades(self.residuals.fits, self.best.family, self.pulses)
            + said_aside(self.faults)
            + unmeasured(self.best)
            + said_of(self.best, self.pulses)
            + [one for one in (self.best.ends, self.best.growth) if one]
            + off_conditions(self.best.conditions)
            + ([self.best.tails.sentence(self.pulses)] if self.best.tails else [])
            + ([self.best.jumps.sentence(len(self.pulses.names))] if self.best.jumps else [])
            + [one for one in warnings if not one.startswith("Warning")]
        )

    @property
    def energy(self) -> str:
        """What a pulse costs, in words; empty where amplitude or width are not known."""
        found = [f"{way} {one.show('J')}" for way, one in pulse_energies(self.pulses.at_device()).items()]
        return f"A pulse takes V^2 G t: {', '.join(found)}; insitu price finds it." if found else ""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of the fit."""
        place = {} if self.folder is None else {"folder": str(self.folder)}
        return {
            "law": self.law,
            "family": self.best.family.law.__name__,
            "data": self.pulses.describe(),
            "source": self.pulses.source,
            "conditions": self.pulses.conditions,
            "understood": self.pulses.understood(),
            "numbers": {key: asdict(one) for key, one in self.estimates.items()},
            "correlations": {f"{a}, {b}": r for (a, b), r in self.best.correlations.items()},
            "unmeasured": dict(self.best.unmeasured),
            "tails": self._tails(),
            "telegraph": self._jumps(),
            "amplitudes": [asdict(one) for one in self.best.conditions],
            "faults": [asdict(one) for one in self.faults],
            "merit": asdict(self.diagnosis),
            "merit_errors": {key: asdict(one) for key, one in self.merits.items()},
            "pulse_energy_J": {way: asdict(one) for way, one in pulse_energies(self.pulses.at_device()).items()},
            "residuals": asdict(self.residuals) | {"fits": self.residuals.fits},
            "sentences": self.sentences,
            "laws": [
                {
                    "law": one.fit.family.name,
                    "free": one.compared.parameters,
                    "log_likelihood": one.compared.log_likelihood,
                    "bic": one.bic,
                    "held_out": one.held_out,
                    "strained": one.strained,
                }
                for one in self.candidates
            ],
        } | place

    def _tails(self) -> dict[str, Any] | None:
        found, lines = self.best.tails, self.pulses.line
        if found is None:
            return None
        where = (np.arange(1, self.pulses.of.size + 1) if lines is None else lines)[found.rows]
        place = "pulses" if lines is None else "lines"
        return {"kind": found.kind, "value": found.value, "jump_S": found.jump, place: sorted(where.tolist())}

    def _jumps(self) -> dict[str, Any] | None:
        found = self.best.jumps
        if found is None:
            return None
        return {"jump": found.jump, "upper": found.upper, "jumps": found.number, "devices": list(found.names)}

    def save(self, out: str | Path = "fits") -> Fitted:
        """Write device file, figure, page and numbers into a new folder within ``out``; return the fit that knows it.

        Raises
        ------
        RunError : the folder cannot be written.
        """
        with new_folder(Path(out), self.name) as folder:
            return self.write(folder)

    def write(self, folder: Path) -> Fitted:
        """Write the same into a folder that exists."""
        from insitu.reports.canvas import save
        from insitu.reports.fit_figures import fit_figure

        text = device_file(self.best, self.pulses)
        atomic_write(folder / f"{self.name}.py", text)
        costs = cost_set(self.name, self.best, self.pulses.at_device())
        if costs is not None:
            atomic_write(beside(folder / f"{self.name}.py"), costs)
        atomic_write(folder / "fit.json", to_json(replace(self, folder=None).as_dict()))
        drawn = read_bytes(save(fit_figure(self.candidates, self.pulses), folder / "fit.png").with_suffix(".svg"))
        page = fit_page(self, drawn, text)
        atomic_write(folder / "report.html", page)
        return replace(self, folder=folder)

    def show(self, console: Console) -> None:
        """Print laws, numbers, figures of merit, and what is left unexplained."""
        from insitu.reports.device_tables import conditions_table, estimates_table, laws_table, merit_table

        title = f"{self.law} law: {self.best.family.law.__name__}"
        for sentence in self.sentences:
            terminal.say(console, sentence)
        numbers = estimates_table(title, self.estimates, self.device.units)
        grown = [conditions_table(self.best.conditions)] if self.best.conditions else []
        terminal.show(console, laws_table(self.candidates), numbers, *grown, merit_table(self.diagnosis, self.merits))
        close = [f"{a} and {b} ({r:.2f})" for (a, b), r in self.best.correlations.items() if abs(r) > 0.9]
        if close:
            terminal.say(console, f"Hardly told apart: {', '.join(close)}.")
        if self.energy:
            terminal.say(console, self.energy)
        if self.folder is not None:
            terminal.say(console, f"Device: {self.__fspath__()}; page: {self.folder / 'report.html'}")
            terminal.say(console, f"Train on it: insitu run shi2018 --device {self.__fspath__()}")

    def __fspath__(self) -> str:
        if self.folder is None:
            raise InputError(f"{self.name}: the fit has no file yet; give insitu.fit an `out`, or call its save()")
        return str(self.folder / f"{self.name}.py")

    def __repr__(self) -> str:
        where = "" if self.folder is None else f", in {self.folder}"
        return f"<fit {self.name}: {self.law} law of {self.pulses.describe()}{where}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self)[1:-1])}</p>{self.table.to_html(float_format='{:.3g}'.format)}"


@contextmanager
def new_folder(out: Path, name: str) -> Iterator[Path]:
    """Make a new folder ``out/name``, or with -2, -3, ... at its end; it goes again if nothing comes into it."""
    folder, again = out / name, 1
    try:
        out.mkdir(parents=True, exist_ok=True)
        while folder.exists():
            again += 1
            folder = out / f"{name}-{again}"
        folder.mkdir()
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        yield folder
    finally:
        with suppress(OSError):  # it holds a fit
            folder.rmdir()


def require_name(name: str) -> str:
    """Return the name of a fit; InputError if it cannot be that of a file."""
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise InputError(f"--name: got {name!r}; allowed are letters, digits, - and _")
    return name


def choices(where: Mapping[str, Any] | Sequence[str] | None) -> dict[str, str]:
    """Return which values a user chose of which columns: column -> values with commas between."""
    if isinstance(where, Mapping):
        return {
            column: ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            for column, value in where.items()
        }
    found = {}
    for one in [where] if isinstance(where, str) else where or ():
        column, equals, value = one.partition("=")
        if not equals or not column.strip() or not value.strip():
            raise InputError(f"--where: got {one!r}; allowed is COLUMN=VALUE, for example amplitude_V=1.2")
        found[column.strip()] = value.strip()
    return found
