"""Options of a scheme that do nothing to the weights it is given: refused, where they are not at their defaults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from functools import reduce
from typing import Any

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import Encoding
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, default_of, refuse_idle
from insitu.schemes.base import Form, Scheme, check_loops, check_numbers
from insitu.schemes.fast_array import FastArray
from insitu.schemes.moving import Moving
from insitu.schemes.residual import ResidualTransfer
from insitu.schemes.transfer import Transfer

Part = tuple[Device, Encoding]
Idle = dict[str, str]  #: field -> why it does nothing


OF_FACTORS = ("trains", "fast_pulses")  #: options that say how factors become pulses
_TIMES = ("every", "refresh")  #: when something is due, if it ever is: one schedule serves weights of all kinds


def check_scheme(scheme: Scheme, parts: Sequence[Part], form: Form, chip: Chip) -> None:
    """Raise InputError if a scheme cannot train such weights, or has an option that does nothing to them.

    Parameters
    ----------
    parts : device and encoding of each part of a weight, most significant first.
    """
    scheme.check(*parts[-1], form)
    check_numbers(scheme, chip)
    check_loops(scheme, parts)
    require_effect(scheme, parts)
    if form == "column":
        one = "a neuron that fires gives each of its weights one pulse, and no train is formed"
        refuse_idle(scheme, dict.fromkeys(OF_FACTORS, one))


def require_effect(scheme: Scheme, parts: Sequence[Part]) -> None:
    """Raise InputError for an option of a scheme that is not at its default and does nothing to such weights."""
    how, loop = scheme.transfer, getattr(scheme, "loop", None)
    if isinstance(how, ResidualTransfer) and len(parts) == 1:
        raise InputError(
            "transfer: ResidualTransfer hands up what a part of a weight holds, but here a weight has one part; allowed are "
            "Transfer(...), and an encoding of several parts, MultiConductance(parts=...)"
        )
    if how is not None:
        idle = {name: why for name, why in idle_of_transfer(scheme, parts).items() if name not in _TIMES}
        refuse_idle(how, idle, f"{how.called}.")
        refuse_idle(how.closed_loop, idle_of_renewal(scheme, parts), "closed_loop.")
    if isinstance(loop, ClosedLoop):
        refuse_idle(loop, idle_of_loop(scheme, parts), "closed_loop.")


def acting(scheme: Scheme, parts: Sequence[Part]) -> Scheme:
    """Return a scheme whose transfer has its defaults where it does nothing: for options that many kinds of weights share."""
    how = scheme.transfer
    if how is None:
        return scheme
    how = replace(how, closed_loop=_usual(how.closed_loop, idle_of_renewal(scheme, parts)))
    return replace(scheme, transfer=_usual(how, idle_of_transfer(scheme, parts)))


def _usual(options: Any, idle: Idle) -> Any:
    return replace(options, **{field.name: default_of(field) for field in fields(options) if field.name in idle})


def idle_of_transfer(scheme: Scheme, parts: Sequence[Part]) -> Idle:
    """Return the fields of the transfer of a scheme that do nothing, and why."""
    how, found = scheme.transfer, {}
    several, rising = len(parts) > 1, bool(_renewed(scheme, parts))
    if isinstance(how, Transfer) and how.pulses:
        found["charge_cv"] = "what is missing is written by pulses, not charged"
    if isinstance(how, Transfer) and how.inversion != "rows":
        found["probability"] = "rows are inverted at random only with inversion='rows'"
    if isinstance(how, ResidualTransfer) and len(parts) == 2:
        found["slower"] = "of two parts one alone moves up"
    if not rising:
        found["refresh"] = "no part that is pulsed only rises, so that no pair is renewed"
        if isinstance(how, ResidualTransfer):
            found["closed_loop"] = (
                "residuals go up by pulses open loop, and no part only rises, so that no pair is renewed"
            )
    if not several:
        renewed = {"refresh", "closed_loop", "looks"} if rising else set()
        alone = "a weight has one part: nothing is carried up" + (
            "" if rising else ", and none that only rises is renewed"
        )
        found |= {field.name: alone for field in fields(how or Moving) if field.name not in renewed}
    return found


def idle_of_loop(scheme: Scheme, parts: Sequence[Part]) -> Idle:
    """Return the fields of the closed loop with which a scheme writes that do nothing, and why."""
    loop, law = getattr(scheme, "loop", ClosedLoop()), parts[-1][0].programming.error_sd is not None
    found = loop.idle(*parts[-1])
    if getattr(scheme, "dead_band", 0.0) is None and (parts[-1][1].digital or not law):
        found.pop("tolerance", None)  # it is the dead band
    return found


def idle_of_renewal(scheme: Scheme, parts: Sequence[Part]) -> Idle:
    """Return the fields of the closed loop of a transfer that do nothing, and why; none where it is not used at all."""
    how = scheme.transfer
    if how is None or "closed_loop" in idle_of_transfer(scheme, parts):
        return {}
    loop = how.closed_loop
    renewed = [
        {"fresh": "pairs that are renewed are RESET first"} | loop.idle(*part) for part in _renewed(scheme, parts)
    ]
    tuned = parts[:-1] if isinstance(how, Transfer) else ()
    carried = [{"floor": "in a transfer the offset is the floor"} | loop.idle(*part) for part in tuned]
    return in_all([*renewed, *carried])


def in_all(found: Iterable[Idle]) -> Idle:
    """Return what is idle everywhere."""
    return reduce(lambda one, other: {name: why for name, why in one.items() if name in other}, found)


def _renewed(scheme: Scheme, parts: Sequence[Part]) -> list[Part]:
    """Return the parts that learning pulses and whose devices only rise; see insitu.schemes.events."""
    learning = [parts[-1]]
    if isinstance(scheme, FastArray) and scheme.part is not None:
        device = scheme.part.device or parts[-1][0]
        learning.append((device, scheme.part.encoding(device, 1.0)))
    return [] if scheme.exact else [part for part in learning if part[0].one_sided]
