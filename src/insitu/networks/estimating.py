"""What the estimators that learn by activity differences share."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from insitu.devices.base import Device
from insitu.devices.library import load
from insitu.errors import InputError


def seed_of(random_state: Any) -> int:
    """Return an integer seed: the given one itself, or one drawn from a generator."""
    given = random_state
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        if given < 0:
            raise InputError(f"random_state: got {given}; a seed is at least 0")
        return int(given)
    return int(check_random_state(given).randint(2**31))


def device_or_ideal(device: Device | None) -> Device:
    """Return the device, or tantalum oxide with every imperfection off."""
    return device if device is not None else load("yi2022-taox").device.without("all")


def unsettled(moving: int, examples: int, remedy: str) -> str | None:
    """Return the sentence that says which fraction did not settle, and what helps; None if all did."""
    share = f"{moving} of {examples} examples ({100 * moving / examples:.1f} %)"
    return f"{share} did not settle; {remedy}" if moving else None


def warn_unsettled(moving: int, examples: int, remedy: str) -> None:
    """Warn with :func:`unsettled`, if there is anything to say."""
    if sentence := unsettled(moving, examples, remedy):
        warnings.warn(sentence, ConvergenceWarning, stacklevel=3)
