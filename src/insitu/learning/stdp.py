"""Spike-timing-dependent plasticity of Shi et al. 2018: exponential LTP, constant LTD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from insitu.cells import Encoding, SingleDevice
from insitu.cells.steps import mean_steps
from insitu.devices.base import Device
from insitu.devices.exponential import ExponentialStep
from insitu.devices.switch import StochasticSwitch
from insitu.errors import InputError, require_between, require_whole

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class Stdp:
    """When an output neuron fires, inputs that fired within the window before it are potentiated, all others depressed.

    On a spike of neuron k, with x_i = 1 if input i fired within the window and 0 otherwise:

    ``x_i = 1: w_ki += ltp * exp(-ltp_decay * (w_ki - w_min))``  (LTP),
    ``x_i = 0: w_ki -= ltd``  (LTD), w kept in [w_min, w_max].

    With p the probability of x_i given that k fires, the weight settles at
    ``w* = w_min + ln(ltp p / (ltd (1 - p))) / ltp_decay``, a log-odds: summing such weights over the active inputs is
    Bayes' rule, which is why the winner-take-all is called Bayesian.

    Parameters
    ----------
    ltp, ltp_decay, ltd : in units of weight; the decay in 1 / weight.
    every : a neuron programs its column at every this-many-th of its spikes; 1 is each.

    References
    ----------
    Y. Shi et al., Nat. Commun. 9, 5312 (2018), Fig. 3b, c for the form. The constants are ours.
    """

    ltp: float = 0.252
    ltp_decay: float = 3.0
    ltd: float = 0.004
    every: int = 1

    def __post_init__(self) -> None:
        require_between("ltp", self.ltp, 0, 10, optional=False)
        require_between("ltp_decay", self.ltp_decay, 0, 100, optional=False)
        require_between("ltd", self.ltd, 0, 10, optional=False)
        require_whole("every", self.every, 1)

    def ideal_device(
        self, encoding: Encoding | None = None, *, g_min: float = 0.35e-6, g_max: float = 7e-6
    ) -> ExponentialStep | StochasticSwitch:
        """Return the noise-free device with which an encoding takes exactly the steps of this rule.

        For a single device a weight (None) one whose pulses are those steps; for bits, whose steps are computed in the
        periphery, a switch. A pair of the former moves by the mean of an LTP and an LTD step.
        """
        encoding = encoding if encoding is not None else SingleDevice()
        if encoding.digital:
            return StochasticSwitch(g_min=g_min, g_max=g_max)
        span = encoding.w_max - encoding.w_min
        siemens = (g_max - g_min) / span
        return ExponentialStep(
            g_min=g_min,
            g_max=g_max,
            step_up=self.ltp * siemens,
            step_down=self.ltd * siemens,
            decay_up=self.ltp_decay * span,
            decay_down=0.0,
        )

    def pulse_probabilities(self, device: Device, encoding: Encoding) -> tuple[float, float]:
        """Return the probabilities with which a coincidence becomes an up or a down pulse on this device.

        A device has the steps it has; the rule only decides how often they are asked for. The probabilities make the
        mean step in the middle of the range that of this rule. Where the device's steps are too small for that, both
        are scaled down together until the larger is 1: the balance of LTP and LTD, and with it what is learned, stays,
        and learning takes longer. (1, 1) on a device that has the rule's own steps.

        Raises
        ------
        InputError
            If the device does not move at all in one of the directions.
        """
        span = encoding.w_max - encoding.w_min
        wanted = np.minimum([self.ltp * np.exp(-self.ltp_decay * span / 2), self.ltd], span / 2)
        given = np.array(mean_steps(device, encoding))
        for name, step in zip(("an up", "a down"), given, strict=True):
            if step < 1e-9 * span:
                raise InputError(
                    f"device {type(device).__name__}: {name} pulse does not move it in the middle of its range, so "
                    "this rule cannot train it; it needs steps in both directions"
                )
        ratio = wanted / given
        ratio /= max(1.0, ratio.max())
        up, down = np.where(ratio > 1 - 1e-6, 1.0, ratio)
        return float(up), float(down)

    def rule(self, weights: Weights) -> Any:
        """Return the rule as the kernels want it, for weights whose cells have the steps they have."""
        from insitu.kernels.state import StdpRule

        device, encoding = weights.learning.device, weights.learning.encoding
        computed = encoding.digital or weights.takes_dense  # the step is computed, not that of the device
        chances = (1.0, 1.0) if computed else self.pulse_probabilities(device, encoding)
        return StdpRule(self.ltp, self.ltp_decay, self.ltd, weights.low, *chances)
