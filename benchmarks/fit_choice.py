"""How often the wrong law is chosen, and what that does: simulated cells of each law, fitted with all of them.

    python benchmarks/fit_choice.py [--seeds 8] [--devices 1] [--law linear] [--json FILE]

Cells of twice 100 up and 100 down pulses, scatter 40 % of a step, readings with 100 nS of noise. A wrong law matters where
its curve is another: NeuroSim's label of up or down pulses is further than 0.3 from that of the true law, *fitted to the same
pulses*, so that chance, which both share, is not counted.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from fit_coverage import NOISES, measured

from insitu.devices.base import Device
from insitu.devices.constant import ConstantStep
from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.devices.power import PowerStep
from insitu.devices.saturating import Saturating
from insitu.devices.sigmoid import SigmoidStep
from insitu.devices.softbounds import SoftBounds
from insitu.fits.best import fit
from insitu.measure import diagnose
from insitu.measure.comparing import Candidate

_RANGE: dict[str, Any] = {"g_min": 1e-6, "g_max": 11e-6, "c2c_cv": 0.4}
DEVICES: dict[str, Device] = {
    "constant": ConstantStep(**_RANGE, step_up=0.15e-6, step_down=0.15e-6),
    "soft-bounds": SoftBounds(**_RANGE, step_up=0.4e-6, step_down=0.5e-6),
    "linear": LinearStep(**_RANGE, step_up=0.2e-6, step_down=0.25e-6, gamma_up=0.7, gamma_down=0.8),
    "exponential": ExponentialStep(**_RANGE, step_up=0.8e-6, step_down=0.6e-6, decay_up=3.0, decay_down=2.0),
    "power": PowerStep(**_RANGE, step_up=0.4e-6, step_down=0.4e-6, gamma_up=1.5, gamma_down=2.0),
    "saturating": Saturating(**_RANGE, step_up=0.3e-6, step_down=0.3e-6, delay=0.3),
    "sigmoid": SigmoidStep(
        **_RANGE, step_up=0.1e-6, step_down=0.1e-6, rise_up=2.0, rise_down=2.0, fall_up=0.8, fall_down=0.8
    ),
}
_MATTERS = 0.3  #: of a label


def off(one: Candidate, true: Candidate) -> float:
    """Return the largest difference of the labels of two fits."""
    labels = [(d.nonlinearity_up, d.nonlinearity_down) for d in (diagnose(c.fit.device) for c in (one, true))]
    return max(abs((a or 0.0) - (b or 0.0)) for a, b in zip(*labels, strict=True))


def main() -> None:
    """Fit, choose, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--law", choices=[*DEVICES], action="append", help="may be repeated; all")
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    given = parser.parse_args()
    table = {}
    for name in given.law or DEVICES:
        chosen, matters = Counter[str](), []
        for seed in range(given.seeds):
            found = fit(measured(DEVICES[name], NOISES["constant"], given.devices, 0, seed), quiet=True).candidates
            true = next(one for one in found if one.fit.family.name == name)
            chosen[found[0].fit.family.name] += 1
            matters.append(off(found[0], true))
        wrong = sum(one > _MATTERS for one in matters)
        table[name] = {"chosen": dict(chosen), "wrong_and_matters": wrong, "largest": max(matters)}
        shown = ", ".join(f"{law} {n}" for law, n in chosen.most_common())
        print(
            f"{name}: chosen {shown} of {given.seeds}; a wrong one that matters {wrong} times; largest difference of a label "
            f"{max(matters):.2f}",
            flush=True,
        )
        if given.json:
            given.json.write_text(json.dumps(table, indent=2))


if __name__ == "__main__":
    main()
