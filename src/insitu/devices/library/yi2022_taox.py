"""Tantalum-oxide 1T1R cell of the 64 x 64 crossbars on which Yi et al. 2022 trained networks by activity differences.

The body of the paper was not at hand. The numbers are those of the control code and of later papers about chips of the same
lineage (HPE "superT A0"); that the paper used this chip type is inferred.
"""

from __future__ import annotations

from insitu.devices.base import Faults, Programming, ReadNoise, Telegraph
from insitu.devices.library.parameter_set import ParameterSet, Value
from insitu.devices.linear import LinearStep

_CITATION = """@article{yi2022,
  author = {Yi, Su-in and Kendall, Jack D. and Williams, R. Stanley and Kumar, Suhas},
  title = {Activity-difference training of deep neural networks using memristor crossbars},
  journal = {Nature Electronics},
  volume = {6},
  pages = {45--51},
  year = {2023},
  doi = {10.1038/s41928-022-00869-w},
}"""

TAOX = ParameterSet(
    name="yi2022-taox",
    device=LinearStep(
        g_min=2e-6,
        g_max=100e-6,
        step_up=1.5e-6,
        step_down=1.5e-6,
        gamma_up=0.6,
        gamma_down=0.6,
        c2c_cv=0.5,
        faults=Faults(stuck_low=0.01, stuck_high=0.01),
        read_noise=ReadNoise(cv=0.003),
        telegraph=Telegraph(fraction=0.01, jump=0.1),
        programming=Programming(error_sd=4e-6, tolerance=4e-6, tries=5),
    ),
    summary="tantalum-oxide 1T1R memristor, 2 to 100 uS, written closed loop to +-4 uS",
    citation=_CITATION,
    source=(
        "Yi et al., Nat. Electron. 6, 45 (2023): abstract and titles of Figs. 1 to 3 only. Numbers are those of the HPE "
        "control code for the 64 x 64 TaOx chip (github.com/lican81/A0_DUT) and of He et al., Nat. Commun. (2026), "
        "doi 10.1038/s41467-026-69958-0, on a chip of the same lineage; that the paper used this chip type is inferred."
    ),
    validity=(
        "For reads at 0.2 V within 2 to 100 uS. A write is the outcome of a whole write-verify loop; the law of single "
        "pulses is a stand-in. Stuck cells stay at the ends of the range, though real ones lie outside it (0.1 and 300 uS); "
        "wires, drift and endurance are left out; jumps are independent from read to read."
    ),
    provenance={
        "g_min": Value("stated", "2 uS: lower end of the CNN layers in the notebooks of the HPE control code"),
        "g_max": Value("stated", "100 uS: upper end of the CNN layers in the notebooks of the HPE control code"),
        "step_up": Value("ours", "about 1 % of the range in its middle; no law of identical pulses was found"),
        "step_down": Value("ours", "equal to step_up"),
        "gamma_up": Value("ours", "a moderately saturating pulse curve; not found"),
        "gamma_down": Value("ours", "equal to gamma_up"),
        "c2c_cv": Value("ours", "not found; meant to be swept"),
        "faults.stuck_low": Value(
            "ours", "half of 2 % stuck cells; early arrays had up to 16 % (Liu et al., DAC 2017)"
        ),
        "faults.stuck_high": Value("ours", "the other half of 2 %"),
        "read_noise.cv": Value(
            "inferred", "0.157 uS at 55 uS over 200 reads, digitised from a plot in the control code"
        ),
        "telegraph.fraction": Value("ours", "one cell with jumps was seen; how many there are was not found"),
        "telegraph.jump": Value("inferred", "13 uS at 100 uS, digitised from the same plot, rounded to 10 %"),
        "programming.error_sd": Value("stated", "3.894 uS over 0 to 150 uS (He et al., Methods), rounded"),
        "programming.tolerance": Value("stated", "4 uS: default of tune_conductance in the HPE control code"),
        "programming.tries": Value(
            "inferred", "5 pulses a write, for counting only; the code stops after 5 tries at a limit"
        ),
    },
)

SETS = (TAOX,)
