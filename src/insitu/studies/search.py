"""A search for better values of fields: it asks for settings, some at once, and hears how each of them did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from statistics import fmean
from typing import Any

from insitu.errors import InputError
from insitu.studies.axes import Setting
from insitu.studies.over import Over
from insitu.studies.swept import Row

#: trials that are asked for together, whatever the number of processes: a search is the same on any machine
_AT_ONCE = 4
_FIRST = 8  #: trials before a model of what is good is trusted


class Search:
    """A number of trials, the first of them the recipe as it stands.

    It is the tree-structured Parzen estimator of optuna (J. Bergstra et al., Advances in Neural Information Processing
    Systems 24 (2011)), and follows from the results alone, so that it goes on where it was stopped.

    Parameters
    ----------
    axes : what is searched. trials : how many. base : the recipe as it stands, resolved.

    Raises
    ------
    InputError : optuna is not installed.
    """

    def __init__(self, axes: Sequence[Over], trials: int, base: Any) -> None:
        self._axes, self._trials = axes, trials
        self._asked: list[tuple[Any, Setting]] = []
        self._study = _sampler()
        self._study.enqueue_trial({axis.field: axis.of(base) for axis in axes if axis.of(base) is not None})
        self.rows: list[Row] = []  #: one a trial that has ended: its number, values, mean and seeds

    def ask(self) -> dict[int, Setting]:
        """Return the next trials by number, each with the fields that it changes; none when there were as many as wanted."""
        count = min(_AT_ONCE, self._trials - len(self.rows))
        lot = [self._study.ask() for _ in range(count)]
        self._asked = [(trial, {axis.field: axis.suggest(trial) for axis in self._axes}) for trial in lot]
        return {trial.number: values if trial.number else {} for trial, values in self._asked}

    def tell(self, scores: Mapping[int, Sequence[float]]) -> None:
        """Take note of what these trials reached, one number a seed; a trial without any has failed."""
        import optuna

        for trial, values in self._asked:
            found = scores.get(trial.number, ())
            mean = fmean(found) if found else None
            self.rows.append({"trial": trial.number, **values, "mean": mean, "seeds": len(found)})
            if mean is None:
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                self._study.tell(trial, mean)


def best_of(rows: Sequence[Row]) -> Row | None:
    """Return the row of the best trial, None if all have failed."""
    return max((row for row in rows if row["mean"] is not None), key=lambda row: row["mean"], default=None)


def require_optuna() -> None:
    """Raise InputError if optuna is not installed."""
    if find_spec("optuna") is None:
        raise InputError(
            "tuning wants optuna, which is not installed: pip install 'insitu[tune]', in a clone '.[tune]'"
        )


def _sampler() -> Any:
    """Return a study of optuna that is quiet, and follows from the results alone."""
    require_optuna()
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=0, n_startup_trials=_FIRST, constant_liar=True)
    return optuna.create_study(direction="maximize", sampler=sampler)
