"""The conformance suite finds each way to break a promise, and says so in a sentence."""

import math
from dataclasses import dataclass
from typing import ClassVar

import pytest
from device_strategies import STEPS

from insitu.devices.base import Device, Spread
from insitu.devices.check import check_device
from insitu.devices.constant import ConstantStep

_calls = []


@dataclass(frozen=True, kw_only=True)
class Impure(Device):
    @staticmethod
    def step(g, polarity, p, z):
        _calls.append(g)
        return g + polarity * p.step_up * (1 + 1e-3 * len(_calls))


@dataclass(frozen=True, kw_only=True)
class Backwards(Device):
    @staticmethod
    def step(g, polarity, p, z):
        return g - polarity * p.step_up


@dataclass(frozen=True, kw_only=True)
class NotANumber(Device):
    @staticmethod
    def step(g, polarity, p, z):
        return math.sqrt(g - 1.0) if g - 1.0 > 0 else math.nan


@dataclass(frozen=True, kw_only=True)
class AlwaysNoisy(Device):
    @staticmethod
    def step(g, polarity, p, z):
        return g + polarity * p.step_up * (1 + 0.01 * z)


@dataclass(frozen=True, kw_only=True)
class Deaf(Device):
    @staticmethod
    def step(g, polarity, p, z):
        return g + polarity * 1e-7


@dataclass(frozen=True, kw_only=True)
class Silent(Device):
    draw: ClassVar = "none"

    @staticmethod
    def step(g, polarity, p, z):
        return g + polarity * p.step_up


@dataclass(frozen=True, kw_only=True)
class Jump(Device):
    @staticmethod
    def step(g, polarity, p, z):
        return g + polarity * 1.0


@dataclass(frozen=True, kw_only=True)
class Crashes(Device):
    @staticmethod
    def step(g, polarity, p, z):
        return g / (p.g_max - p.g_max)


@dataclass(frozen=True, kw_only=True)
class Text(Device):
    material: str = "HfO2"

    @staticmethod
    def step(g, polarity, p, z):
        return g


@dataclass(frozen=True, kw_only=True)
class NotStatic(Device):
    def step(self, g, polarity, p, z):
        return g


@dataclass(frozen=True, kw_only=True)
class Three(Device):
    @staticmethod
    def step(g, polarity, p):
        return g


@dataclass(frozen=True, kw_only=True)
class NoLaw(Device):
    pass


class Undecorated(ConstantStep):
    extra: float = 1.0


def _helper(step):
    return 0.5 * step


@dataclass(frozen=True, kw_only=True)
class Uncompilable(Device):
    @staticmethod
    def step(g, polarity, p, z):
        return g + polarity * _helper(p.step_up)


@pytest.mark.parametrize(
    ("device", "message"),
    [
        (Impure(**STEPS), "the same inputs must give the same output"),
        (Backwards(**STEPS), "the wrong way"),
        (NotANumber(**STEPS), "allowed is a finite number"),
        (AlwaysNoisy(**STEPS), "although the noise is off"),
        (Deaf(**STEPS, c2c_cv=0.3), "takes no notice of z"),
        (Deaf(**STEPS, spread=Spread(step_cv=0.3)), "takes no notice of p.step_up"),
        (Silent(**STEPS, c2c_cv=0.3), 'draw is "none"'),
        (Jump(**STEPS), "are the steps in siemens?"),
        (Crashes(**STEPS), "ZeroDivisionError"),
        (Text(**STEPS), "material: got 'HfO2'"),
        (NotStatic(**STEPS), "@staticmethod"),
        (Three(**STEPS), "exactly four arguments"),
        (NoLaw(**STEPS), "does not define the static method"),
        (Undecorated(**STEPS), "@dataclass(frozen=True, kw_only=True)"),
        (Uncompilable(**STEPS), "cannot be compiled"),
        ("ideal", "got a str"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_finds(device, message):
    report = check_device(device)
    assert not report.passed
    found = [failure for failure in report.failures if message in failure]
    assert found, str(report)
    assert all("\n" not in failure for failure in report.failures), "one sentence each"
    assert str(report).startswith(f"{type(device).__name__}: {len(report.failures)} of ")


def test_a_good_device_passes():
    report = check_device(ConstantStep(**STEPS, c2c_cv=0.3, spread=Spread(step_cv=0.3, range_cv=0.1, asymmetry_cv=0.1)))
    assert report.passed
    assert report.failures == ()
    assert str(report) == "ConstantStep: all 10 checks passed"
