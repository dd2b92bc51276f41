"""Devices of the benchmark table of NeuroSim, in physical units, as linear steps.

The numbers are those of the table in the manual (MLP+NeuroSim V3.0, Tables I and II), cited to the original papers; no code
and no table of that code is taken over.
"""

from __future__ import annotations

import math

from insitu.devices.library.bibtex import bibtex
from insitu.devices.library.parameter_set import ParameterSet, Value
from insitu.devices.linear import LinearStep
from insitu.devices.switch import StochasticSwitch


def curvature(label: float) -> float:
    """Return a = 1 / |A| of the curve (1 - exp(-a t)) / (1 - exp(-a)) that NeuroSim labels with this nonlinearity.

    The label is the largest perpendicular distance of the curve from the diagonal of the unit square, in units of 0.07:
    ``|label| = m(a) / (0.07 sqrt(2))``, ``m(a) = 1 / b - 1 / a - ln(a / b) / a``, ``b = 1 - exp(-a)``; solved by bisection.
    """
    low, high = 1e-4, 1e3
    for _ in range(100):
        a = math.sqrt(low * high)
        b = -math.expm1(-a)
        low, high = (a, high) if 1 / b - 1 / a - math.log(a / b) / a < 0.07 * math.sqrt(2) * abs(label) else (low, a)
    return a


def linear_step(label: float, pulses: int) -> tuple[float, float]:
    """Return (first step over the range, gamma) of the :class:`LinearStep` that is NeuroSim's curve exactly.

    Parameters
    ----------
    label : nonlinearity; positive saturates, negative accelerates (for down pulses the sign is the other way round in
        NeuroSim: give -label).
    pulses : number of pulses from bound to bound.
    """
    a = math.copysign(curvature(label), label)
    gamma = -math.expm1(-a)
    return -math.expm1(-a / pulses) / gamma, gamma


def _set(
    name: str,
    summary: str,
    citation: str,
    paper: str,
    g: tuple[float, float],
    origin: str,
    labels: tuple[float, float],
    pulses: tuple[int, int],
    sigma: float,
    *,
    limit: bool = False,
    conditions: str,
) -> ParameterSet:
    """Return one row; ``limit`` says that the table gives sigma as an upper limit only."""
    (up, gamma_up), (down, gamma_down) = linear_step(labels[0], pulses[0]), linear_step(-labels[1], pulses[1])
    reach = g[1] - g[0]
    law = "NL {:g} and {} pulses from bound to bound (stated), exactly converted to a linear step"
    scatter = f"{100 * sigma:g} % of the range a pulse"
    return ParameterSet(
        name=name,
        device=LinearStep(
            g_min=g[0], g_max=g[1], step_up=up * reach, step_down=down * reach, gamma_up=gamma_up, gamma_down=gamma_down,
            c2c_sd=sigma * reach,
        ),
        summary=summary,
        citation=citation,
        source=f"{paper} The numbers are those of the NeuroSim manual; the paper was not read.",
        validity=(
            f"For {conditions}, read at 0.5 V in the simulator; the nonlinearity is that of a fitted curve. "
            "Spread from cell to cell, retention and endurance are not in the table."
        ),
        provenance={
            "g_min": Value("inferred", origin),
            "g_max": Value("inferred", origin),
            "step_up": Value("inferred", law.format(labels[0], pulses[0])),
            "step_down": Value("inferred", law.format(labels[1], pulses[1])),
            "gamma_up": Value("inferred", law.format(labels[0], pulses[0])),
            "gamma_down": Value("inferred", law.format(labels[1], pulses[1])),
            "c2c_sd": Value("ours", f"the upper limit, {scatter}: the table says less than this")
            if limit
            else Value("inferred", f"{scatter} (stated)"),
        },
    )  # fmt: skip


def _resistance(on: float, ratio: float) -> tuple[tuple[float, float], str]:
    """Return (g_min, g_max) and their origin."""
    return (1 / (on * ratio), 1 / on), f"on resistance {on:g} ohm, on/off ratio {ratio:g} (stated)"


def _inproceedings(key: str, author: str, year: int, booktitle: str) -> str:
    return bibtex(key, f"{author} and others", year, "inproceedings", booktitle=booktitle)


def _article(key: str, author: str, year: int, journal: str, volume: int, page: int) -> str:
    return bibtex(key, f"{author} and others", year, journal=journal, volume=volume, pages=page)


_TRAINS = "trains of unequal pulses in the source, which identical pulses only approximate ({})"
_SIGN = "; the sign of the LTD label, read as accelerating, may be a magnitude instead"

SETS = (
    _set(
        "jo2010-agsi", "Ag:a-Si: 3 to 38 nS, 97 steps, very nonlinear",
        _article("jo2010", "Jo, S. H.", 2010, "Nano Letters", 10, 1297), "S. H. Jo et al., Nano Lett. 10, 1297 (2010).",
        *_resistance(26e6, 12.5), (2.4, -4.88), (97, 100), 0.035,
        conditions="pulses of 3.2 V up and -2.8 V down, 300 us",
    ),
    _set(
        "neurosim-taox-tio2", "TaOx/TiO2: 100 to 200 nS, 102 steps",
        "", "A TaOx/TiO2 cell in Table I of the manual (V2.0), which names no paper for it.",
        *_resistance(5e6, 2), (1.85, -1.79), (102, 102), 0.01, limit=True,
        conditions="pulses of 3 V, 40 ms up and -3 V, 10 ms down",
    ),
    _set(
        "wu2018-taox-hfox", "TaOx/HfOx: 1 to 10 uS, 128 nearly linear steps",
        _inproceedings("wu2018", "Wu, W.", 2018, "VLSI"), "W. Wu et al., VLSI (2018).",
        *_resistance(100e3, 10), (0.04, -0.63), (128, 128), 0.037,
        conditions="pulses of 1.6 V and 50 ns (both printed with the same sign)",
    ),
    _set(
        "park2013-pcmo", "PCMO: 6 to 43 nS, 50 steps, very nonlinear",
        _inproceedings("park2013", "Park, S.", 2013, "IEDM"), "S. Park et al., IEDM (2013).",
        *_resistance(23e6, 6.84), (3.68, -6.76), (50, 50), 0.01, limit=True,
        conditions="pulses of -2 V up and 2 V down, 1 ms",
    ),
    _set(
        "woo2016-alox-hfo2", "AlOx/HfO2: 13 to 59 uS, 40 steps",
        _article("woo2016", "Woo, J.", 2016, "IEEE Electron Device Letters", 37, 994),
        "J. Woo et al., IEEE Electron Device Lett. 37, 994 (2016).",
        *_resistance(16.9e3, 4.43), (1.94, -0.61), (40, 40), 0.05,
        conditions="pulses of 0.9 V up and -1 V down, 100 us",
    ),
    _set(
        "kuzum2011-pcm", "GST: 11 to 212 uS, 100 to 120 steps of unequal pulses",
        _article("kuzum2011", "Kuzum, D.", 2011, "Nano Letters", 12, 2179), "D. Kuzum et al., Nano Lett. 12, 2179.",
        *_resistance(4.71e3, 19.8), (0.105, 2.4), (100, 120), 0.015,
        conditions=_TRAINS.format("0.7 V, 6 us up and 3 V, 125 ns down on average") + _SIGN,
    ),
    _set(
        "choi2018-epiram", "Ag:SiGe: 0.25 to 12 uS, 64 symmetric steps",
        _article("choi2018", "Choi, S.", 2018, "Nature Materials", 17, 335), "S. Choi et al., Nat. Mater. 17, 335 (2018).",
        *_resistance(81e3, 50.2), (0.5, -0.5), (64, 64), 0.02,
        conditions="pulses of 5 V up and -3 V down, 5 us",
    ),
    _set(
        "jerry2017-fefet", "HZO: 0.04 to 1.8 uS, 32 steps of unequal pulses",
        _inproceedings("jerry2017", "Jerry, M.", 2017, "IEDM"), "M. Jerry et al., IEDM (2017).",
        *_resistance(559.28e3, 45), (1.75, 1.46), (32, 32), 0.005, limit=True,
        conditions=_TRAINS.format("3.65 V up and -2.95 V down on average, 75 ns") + _SIGN,
    ),
    _set(
        "luo2019-3t1c", "4 to 20 uS, 32 nearly linear steps, no leak given",
        bibtex("luo2019", "Luo and Peng and Yu", 2019, "inproceedings", booktitle="ICONS"),
        "Luo, Peng and Yu, ICONS (2019): the LSB of a hybrid cell in the code of NeuroSim.",
        (4e-6, 20e-6), "4 to 20 uS in the code (its comment says on/off 100)", (0.2, -0.2), (32, 32), 0.005,
        conditions="pulses of 6.67 uA and 0.5 ns on 100 fF",
    ),
    ParameterSet(
        name="neurosim-stt-mram",
        device=StochasticSwitch(g_min=1 / (3.5e3 * 2.3), g_max=1 / 3.5e3),
        summary="STT: 124 or 286 uS, binary",
        citation="",
        source="The STT-MRAM of the NeuroSim manual, where six cells make a digital weight; no paper is named.",
        validity="For pulses of 1 V and 10 ns that switch for certain; lower the probabilities to sweep write errors.",
        provenance={
            "g_min": Value("inferred", "on resistance 3500 ohm, on/off ratio 2.3 (stated)"),
            "g_max": Value("inferred", "on resistance 3500 ohm (stated)"),
            "levels": Value("stated", "a digital cell"),
            "probability_up": Value("ours", "certain switching; no error rate is given"),
            "probability_down": Value("ours", "certain switching; no error rate is given"),
        },
    ),
)  # fmt: skip
