"""What the runs of one system say of a device."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import fmean
from typing import Any

from insitu.ledger.amount import Amount, known_total
from insitu.ledger.counts import Counts
from insitu.ledger.statement import statement_of
from insitu.ledger.usage import accounts_of
from insitu.studies.compared import Compared, by_seed, compare
from insitu.studies.priced import mean
from insitu.studies.qualities import Quality
from insitu.studies.swept import Sweep
from insitu.studies.tables import Judged

_ENOUGH = 0.8  #: of what ideal devices reach, to count as learning, as in insitu matrix


@dataclass(frozen=True)
class Way:
    """A way of writing, tried.

    Parameters
    ----------
    name : of the scheme, or of another device written by the best one.
    accuracy : None where it was refused, for a ``reason``.
    learns : whether it reaches at least 0.8 of ideal devices.
    pulses, reads, digital_ops : events of learning, mean over the seeds, see :class:`insitu.ledger.counts.Counts`.
    energy : of learning, J. seconds : of learning, all lines at once. writes : 99th percentile of those of a cell.
    trainings : until 1 % of the cells are past their rating. missing : what the energy leaves out, for no set prices it.
    """

    name: str
    accuracy: Compared | None
    learns: bool = False
    reason: str = ""
    pulses: float | None = None
    reads: float | None = None
    digital_ops: float | None = None
    energy: Amount | None = None
    seconds: Amount | None = None
    writes: float | None = None
    trainings: Amount | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gain:
    """What a better property buys.

    Parameters
    ----------
    better, ideal : accuracy where it is twice as good, and where it is ideal, minus that of the device; None where that is
        not known.
    error : standard error of either, from the spread over the seeds of all properties of the system together; None of one
        seed.
    """

    quality: Quality
    better: float | None
    ideal: float | None
    error: float | None

    @property
    def most(self) -> float:
        """The larger of the two."""
        return max(one for one in (self.better, self.ideal, -1.0) if one is not None)

    @property
    def sure(self) -> bool:
        """Whether it is more than chance, two standard errors."""
        return self.error is not None and self.most > 2 * self.error


@dataclass(frozen=True)
class System:
    """What a device does in one system.

    Parameters
    ----------
    judged : what is looked at. ideal : its mean with ideal devices, None if that failed.
    ways : all ways of writing. best : the name of the best that learns, or else runs; None if none runs.
    like : the device most like it, written alike. gains : by property, the largest first. sweep : the runs.
    """

    recipe: str
    judged: Judged
    ideal: float | None
    ways: tuple[Way, ...]
    sweep: Sweep
    like: Way | None = None
    gains: tuple[Gain, ...] = field(default=())

    @property
    def chosen(self) -> Way | None:
        """The way of writing that reaches most; None if none runs."""
        ran = [way for way in self.ways if way.accuracy is not None]
        return max(ran, key=lambda way: way.accuracy.mean if way.accuracy else 0.0, default=None)

    @property
    def best(self) -> str | None:
        """Its name."""
        return None if self.chosen is None else self.chosen.name

    def as_dict(self) -> dict[str, Any]:
        """Return it for a JSON file."""
        ways, gains = [asdict(way) for way in self.ways], [asdict(gain) for gain in self.gains]
        told = {"recipe": self.recipe, "ideal": self.ideal, "ways": ways, "like": self.like and asdict(self.like)}
        return told | {"gains": gains, "of": self.judged.key, "best": self.best}


def of_system(recipe: str, judged: Judged, schemes: Sequence[str], sweep: Sweep, costs: Sequence[str]) -> System:
    """Return what the runs say of each way of writing."""
    reference = by_seed(sweep.only(case="ideal").rows, judged.key)
    ideal = sum(reference.values()) / len(reference) if reference else None
    ways = tuple(_way(name, sweep, reference, ideal, judged.key, costs) for name in schemes)
    return System(recipe, sweep.in_words(judged), ideal, ways, sweep)


def judged_systems(tried: System, sweep: Sweep, looked: Sequence[Quality], like: str, costs: Sequence[str]) -> System:
    """Return the system with the device most like it, and what better properties buy with the best way of writing."""
    key = tried.judged.key
    ideal, stands = (by_seed(sweep.only(case=case).rows, key) for case in ("ideal", tried.best))
    beside = _way(like, sweep, ideal, tried.ideal, key, costs)
    found = {
        one: [compare(sweep.only(case=f"{way} {one.name}").rows, stands, key) for way in ("better", "ideal")]
        for one in looked
    }
    error = _pooled([one for pair in found.values() for one in pair if one is not None])
    gains = [
        Gain(one, _gained(better), _gained(ideal), error) for one, (better, ideal) in found.items() if better or ideal
    ]
    return replace(tried, sweep=sweep, like=beside, gains=tuple(sorted(gains, key=lambda gain: -gain.most)))


def _gained(one: Compared | None) -> float | None:
    return None if one is None else one.difference


def _pooled(found: Sequence[Compared]) -> float | None:
    """Return the standard error of a difference, from the spread of all of them; None if no seed was repeated."""
    errors = [one.error**2 for one in found if len(one.values) > 1]
    return math.sqrt(fmean(errors)) if errors else None


def _way(
    name: str, sweep: Sweep, reference: Mapping[int, float], ideal: float | None, key: str, costs: Sequence[str]
) -> Way:
    """Return what came of one way of writing, priced."""
    own = sweep.only(case=name)
    accuracy, results = compare(own.rows, reference, key), own.results
    if accuracy is None:
        failed = {one["case"]: one["error"] for one in sweep.failed}
        return Way(name, None, reason=failed.get(name, ""))
    accounts = [accounts_of(result, f"{sweep.folder}") for result in results]
    bills = [statement_of(one, costs) for one in accounts]
    events = [sum((use.counts for use in one.usages if use.phase == "learning"), Counts()) for one in accounts]
    spent = [known_total(bill.seconds["parallel"].values()) for bill in bills]
    worn = max((one["p99"] for result in results for one in result["wear"]), default=None)
    lives = [life for bill in bills for life in bill.trainings.values() if life is not None]
    return Way(
        name,
        accuracy,
        learns=ideal is None or accuracy.mean >= _ENOUGH * ideal,
        pulses=fmean(one.pulses for one in events),
        reads=fmean(one.reads for one in events),
        digital_ops=fmean(one.digital_ops for one in events),
        energy=mean([bill.energy for bill in bills]),
        seconds=None if None in spent else mean([one for one in spent if one is not None]),
        writes=worn,
        trainings=min(lives, key=lambda life: life.value, default=None),
        missing=bills[0].learning.missing,
    )
