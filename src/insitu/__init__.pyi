"""The public names of insitu and where they live: the one list, for ``import insitu``, type checkers and editors alike."""

from insitu.arrays import Budget as Budget
from insitu.arrays import Crossbar as Crossbar
from insitu.arrays.transfer import ClosedLoop as ClosedLoop
from insitu.arrays.transfer import Transfer as Transfer
from insitu.arrays.writing import IncrementalPulses as IncrementalPulses
from insitu.arrays.writing import WriteVerify as WriteVerify
from insitu.cells import BitSlices as BitSlices
from insitu.cells import DifferentialPair as DifferentialPair
from insitu.cells import MultiConductance as MultiConductance
from insitu.cells import OneSidedPair as OneSidedPair
from insitu.cells import ReferencedDevice as ReferencedDevice
from insitu.cells import Significance as Significance
from insitu.cells import SingleDevice as SingleDevice
from insitu.devices.base import Device as Device
from insitu.devices.check import check_device as check_device
from insitu.devices.loading import load as load
from insitu.learning import ConventionalPruning as ConventionalPruning
from insitu.learning import Schedule as Schedule
from insitu.learning import SoftPruning as SoftPruning
from insitu.learning import Stdp as Stdp
from insitu.learning.activity_difference import ActivityDifference as ActivityDifference
from insitu.learning.backprop import DeterministicPulses as DeterministicPulses
from insitu.learning.backprop import ExactUpdate as ExactUpdate
from insitu.learning.backprop import Neurons as Neurons
from insitu.learning.backprop import StochasticPulses as StochasticPulses
from insitu.learning.mixed_precision import MixedPrecision as MixedPrecision
from insitu.learning.open_loop import OpenLoop as OpenLoop
from insitu.learning.tiki_taka import TikiTaka as TikiTaka
from insitu.ledger import Counts as Counts
from insitu.measure.best import fit as fit
from insitu.networks.associative import AssociativeMemory as AssociativeMemory
from insitu.networks.classifier import SpikingClassifier as SpikingClassifier
from insitu.networks.crossbar_classifier import CrossbarClassifier as CrossbarClassifier
from insitu.networks.energy import EnergyRule as EnergyRule
from insitu.networks.energy_classifier import EnergyClassifier as EnergyClassifier
from insitu.networks.hopfield import BinaryRule as BinaryRule
from insitu.networks.spiking import PoissonInput as PoissonInput
from insitu.networks.spiking import SpikingRule as SpikingRule
from insitu.networks.spiking import WinnerTakeAll as WinnerTakeAll
from insitu.reports.page import report as report
from insitu.runs.pricing import price as price
from insitu.studies.opened import open_run as open_run
from insitu.studies.run import run as run
from insitu.studies.sweep import sweep as sweep

__version__: str
