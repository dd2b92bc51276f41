"""What the estimators that learn by activity differences share."""

from __future__ import annotations

import warnings

from insitu.devices.base import Device
from insitu.devices.library import load


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
        from sklearn.exceptions import ConvergenceWarning  # for estimators only: recipes do without scikit-learn

        warnings.warn(sentence, ConvergenceWarning, stacklevel=3)
