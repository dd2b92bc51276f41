"""What was measured of retention, endurance or noise, for people: tables, and a folder with the device that has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu import terminal
from insitu.devices.base import Device
from insitu.devices.library import ParameterSet
from insitu.errors import InputError
from insitu.fits.fitted import new_folder
from insitu.fits.reliability_page import reliability_page
from insitu.ledger.costset import beside
from insitu.measure.reading.series import Series
from insitu.measure.reliability.finding import Finding
from insitu.measure.searching import Estimate
from insitu.measure.writing import how_sure, joined_file
from insitu.reports.reliability_figures import reliability_figure
from insitu.reports.reliability_tables import laws_compared, numbers_table, rows_table
from insitu.reports.tables import Table
from insitu.runs.writing import atomic_write, read_bytes, to_json

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = 12  #: rows of a table in a terminal
_EACH = {"retention": "Levels", "endurance": "Devices", "noise": "Traces"}  #: what a row of the table is


@dataclass(frozen=True, repr=False)
class Measured(terminal.Shown):
    """What :func:`insitu.fits.kinds.fit_kind` found; once saved with a device it is a path too, that of its file.

    Parameters
    ----------
    name : of the fit. kind : retention, endurance or noise. series : what was read. finding : what it says.
    base : the device that it belongs to; None if none was given. folder : where it was saved; None if it was not.
    """

    name: str
    kind: str
    series: Series
    finding: Finding
    base: ParameterSet | None = None
    folder: Path | None = None

    @property
    def device(self) -> Device | None:
        """The device with what was measured in it; None if none was given."""
        groups: dict[str, Any] = dict(self.finding.groups)
        return None if self.base is None else replace(self.base.device, **groups)

    @property
    def estimates(self) -> Mapping[str, Estimate]:
        """Every number with its error and a remark."""
        return self.finding.estimates

    @property
    def sentences(self) -> list[str]:
        """What has to be known beside the numbers."""
        gone = [
            f"{group} of {self.base.name} is replaced by what was measured."
            for group, now in self.finding.groups.items()
            if self.base is not None and getattr(self.base.device, group) not in (type(now)(), now)
        ]
        return [*self.finding.sentences, *gone]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        place = {} if self.folder is None else {"folder": str(self.folder)}
        return {
            "kind": self.kind,
            "data": self.series.describe(),
            "source": self.series.source,
            "conditions": self.finding.conditions,
            "understood": list(self.series.told()),
            "numbers": {key: asdict(one) for key, one in self.estimates.items()},
            "imperfections": {group: asdict(one) for group, one in self.finding.groups.items()},
            "table": [dict(row) for row in self.finding.rows],
            "laws": [dict(law) for law in self.finding.laws],
            "sentences": self.sentences,
            "device": None if self.base is None else self.base.name,
        } | place

    def save(self, out: str | Path = "fits") -> Measured:
        """Write figure, page, numbers, and the device file if there is a device, into a new folder within ``out``.

        Raises
        ------
        RunError : the folder cannot be written.
        """
        with new_folder(Path(out), self.name) as folder:
            return self.write(folder)

    def write(self, folder: Path, costs: str | None = None) -> Measured:
        """Write the same into a folder that exists; ``costs`` is the text of the cost set of the device."""
        from insitu.reports.canvas import save

        text = self.file
        if text is not None:
            atomic_write(folder / f"{self.name}.py", text)
        if text is not None and costs is not None:
            atomic_write(beside(folder / f"{self.name}.py"), costs)
        atomic_write(folder / "fit.json", to_json(replace(self, folder=None).as_dict()))
        figure = reliability_figure(self.finding, f"{self.kind.capitalize()} of {self.series.describe()}")
        drawn = read_bytes(save(figure, folder / "fit.png").with_suffix(".svg"))
        atomic_write(folder / "report.html", reliability_page(self, drawn, text))
        return replace(self, folder=folder)

    @property
    def file(self) -> str | None:
        """Source of the device file; None without a device."""
        if self.base is None or self.device is None:
            return None
        units, groups = self.device.units, tuple(f"{group}." for group in self.finding.groups)
        sure = {k: how_sure(one, units.get(k, "")) for k, one in self.estimates.items() if k.startswith(groups)}
        told = (f"{self.kind} as measured", f"{self.kind} in {self.series.source}", self.finding.conditions)
        return joined_file(self.base, self.device, sure, told)

    def tables(self, most: int | None = None) -> list[Table]:
        """Return what was found as tables, of at most so many rows if that is said."""
        shown = [numbers_table(self.finding, Device.units)] if self.estimates else []
        shown += [rows_table(_EACH[self.kind], self.finding, most)]
        return shown + ([laws_compared(self.finding)] if self.finding.laws else [])

    def show(self, console: Console) -> None:
        """Print what was found."""
        for sentence in self.sentences:
            terminal.say(console, sentence)
        terminal.show(console, *self.tables(_SHOWN))
        if self.folder is None:
            return
        if self.base is None:
            terminal.say(console, f"Numbers: {self.folder / 'fit.json'}; page: {self.folder / 'report.html'}")
            terminal.say(console, "For a device file give the device it belongs to: --device NAME|FILE")
        else:
            terminal.say(console, f"Device: {self.__fspath__()}; page: {self.folder / 'report.html'}")
            terminal.say(console, f"Train on it: insitu run shi2018 --device {self.__fspath__()}")

    def __fspath__(self) -> str:
        if self.folder is None or self.base is None:
            raise InputError(f"{self.name}: has no device file; give a device and a folder, device=... and out=...")
        return str(self.folder / f"{self.name}.py")

    def __repr__(self) -> str:
        where = "" if self.folder is None else f", in {self.folder}"
        return f"<{self.kind} {self.name}: {self.series.describe()}{where}>"
