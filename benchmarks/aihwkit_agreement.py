"""Where this library and aihwkit say the same of the same devices and schemes, and where they do not, and why.

    python benchmarks/aihwkit_agreement.py [--side 200] [--trials 100] [--only gong2022-om,tiki-taka]

Ten device sets against the presets that they come from, single steps, cells, bounds and symmetry points; then the
stochastic outer product, and a few hundred examples of Tiki-Taka 2, of its chopped form and of AGAD, on one small layer.
Each quantity is a mean or a standard deviation over as many cells or trials on both sides, and their difference is said in
standard errors of it. Needs aihwkit (1.1.0 goes with PyTorch 2.10). Weights are in aihwkit's units throughout.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from machine import load as machine_load
from numpy.typing import NDArray

try:
    import torch
    from aihwkit.simulator import configs, presets
    from aihwkit.simulator.tiles import AnalogTile
except ImportError as missing:
    sys.exit(f"aihwkit cannot be imported ({missing}), so there is nothing to compare with: pip install aihwkit==1.1.0")

import insitu
from insitu.arrays import Crossbar
from insitu.cells import OneSidedPair, SingleDevice
from insitu.devices.base import Device
from insitu.devices.constant import ConstantStep
from insitu.devices.softbounds import SoftBounds
from insitu.schemes import Agad, BlindPulses, TikiTaka
from insitu.schemes.weights import Weights

Floats = NDArray[np.float64]
PRESETS = {
    "gokmen2016-rpu": "GokmenVlasov", "rasch2019-idealized": "Idealized", "gong2018-reram": "ReRamES",
    "gong2018-reram-soft": "ReRamSB", "gong2022-om": "ReRamArrayOM", "gong2022-hfo2": "ReRamArrayHfO2",
    "nandakumar2020-pcm": "PCM", "li2018-3t1c": "Capacitor", "tang2018-ecram": "EcRam", "kim2019-ecram": "EcRamMO",
}  # fmt: skip
PAIRS = 1500  # of alternating pulses
LIMIT = 4.0  # standard errors
SEED = 0


class Row(NamedTuple):
    """One quantity of both: z is their difference in standard errors."""

    what: str
    of: str
    theirs: float
    ours: float
    z: float

    @property
    def verdict(self) -> str:
        reasons = [reason for (what, of), reason in REASONS.items() if what == self.what and of in self.of]
        return "agrees" if abs(self.z) < LIMIT else f"differs: {reasons[0]}" if reasons else "DIFFERS"


#: parts of the names of a quantity and of what it is of -> why the two are not the same
REASONS = {
    ("gokmen2016-rpu", "symmetry point"): "the asymmetry of a cell goes with its step here, there it does not",
    ("gong2022-om", "lower bound"): "no conductance is below 0 S",
    ("gong2022-hfo2", "lower bound"): "no conductance is below 0 S",
    ("gong2018-reram", "step"): "one spread for both ways; there up_down is taken from a down step that scatters",
    ("gong2018-reram", "symmetry point"): "the curve is drawn over the range of the cell, there about w = 0",
    ("gong2018-reram-soft", "symmetry point, d2d"): "steps are log-normal here, so that few cells are very weak",
    ("li2018-3t1c", "step down, d2d"): "the ratio of up to down has mean 1 here, so its median is 0.7 % lower",
    ("li2018-3t1c", "symmetry point"): "the ratio of up to down has mean 1 here, so its median is 0.7 % lower",
    ("AGAD", "weights, half way"): "what is gathered before the first turn is kept there, and thrown away here",
}


def compared(what: str, of: str, theirs: Floats, ours: Floats) -> Iterator[Row]:
    """Compare means and standard deviations of two samples (n,)."""
    a, b = np.ravel(theirs).astype(float), np.ravel(ours).astype(float)
    yield Row(what, f"{of}, mean", a.mean(), b.mean(), _over(a.mean(), b.mean(), a.var() / a.size + b.var() / b.size))
    if a.std() > 1e-6 * abs(a.mean()) or b.std() > 1e-6 * abs(b.mean()):
        error = sum(_variance_of_sd(sample) for sample in (a, b))
        yield Row(what, f"{of}, sd", a.std(), b.std(), _over(a.std(), b.std(), error))


def each_compared(what: str, of: str, theirs: Floats, ours: Floats) -> Iterator[Row]:
    """Compare samples (trials, n) of n quantities: z is the root mean square of theirs, less 1, over its own error."""
    rows = [list(compared(what, of, a, b)) for a, b in zip(theirs.T, ours.T, strict=True)]
    for k, name in enumerate(("mean", "sd")):
        a, b, z = np.array([one[k][2:] for one in rows if len(one) > k]).T
        size = float(np.abs(a).mean()), float(np.abs(b).mean())
        yield Row(what, f"{of}, {name} of each of {z.size}", *size, (np.mean(z**2) - 1) / np.sqrt(2 / z.size))


def _over(a: float, b: float, variance: float) -> float:
    """Return (b - a) / sqrt(variance), 0 where the two differ by no more than single precision."""
    return 0.0 if abs(b - a) <= 1e-5 * abs(a) + 1e-7 else float((b - a) / np.sqrt(max(variance, 1e-24)))


def _variance_of_sd(sample: Floats) -> float:
    spread = sample.var()
    return float((np.mean((sample - sample.mean()) ** 4) / spread - spread) / (4 * sample.size)) if spread else 0.0


# -- devices -----------------------------------------------------------------------------------------------------------


def their_tile(unit: Any, rows: int, columns: int, rate: float, **update: Any) -> Any:
    """Return a tile of aihwkit at w = 0, with ideal reads."""
    kind = configs.UnitCellRPUConfig if hasattr(unit, "transfer_every") else configs.SingleRPUConfig
    up, perfect = configs.UpdateParameters(**update), configs.IOParameters(is_perfect=True)
    tile = AnalogTile(columns, rows, kind(device=unit, update=up, forward=perfect, backward=perfect))
    tile.set_learning_rate(rate)
    tile.set_weights(torch.zeros(columns, rows))
    return tile


def preset(name: str, off: str, subtract: bool = False) -> Any:
    """Return the preset of aihwkit without write noise, leak and reference error, and without "c2c", "d2d" or neither."""
    device = getattr(presets.devices, f"{PRESETS[name]}PresetDevice")()
    for field in vars(device):
        gone = field in ("write_noise_std", "lifetime", "reference_std", "subtract_symmetry_point")
        if gone or (off == "d2d" and field.endswith("_dtod")) or (off == "c2c" and field == "dw_min_std"):
            setattr(device, field, type(getattr(device, field))(0))
        if subtract and field == "subtract_symmetry_point":
            device.subtract_symmetry_point = True
    return device


class Theirs:
    """side x side cells of aihwkit, all pulsed at once."""

    def __init__(self, name: str, off: str, side: int, subtract: bool = False) -> None:
        device = preset(name, off, subtract)
        device.construction_seed = SEED + 1  # 0 is another one every time
        if getattr(device, "dw_min_dtod_log_normal", False) and off == "d2d":
            device.dw_min *= float(np.exp(preset(name, "").dw_min_dtod ** 2 / 2))  # the mean of log-normal steps
        once = {"desired_bl": 1, "fixed_bl": True, "update_management": False, "update_bl_management": False}
        self.tile = their_tile(device, side, side, 100 * device.dw_min, **once)  # every line fires once, for certain
        self.ones = torch.ones(1, side)
        found = self.tile.get_hidden_parameters()
        self.high, self.low = found["max_bound"].numpy(), found["min_bound"].numpy()

    def pulse(self, way: int) -> None:
        self.tile.update(self.ones, -way * self.ones)

    @property
    def w(self) -> Any:
        return self.tile.get_weights()[0].numpy().astype(float)


class Ours:
    """side x side cells of this library, all pulsed at once."""

    def __init__(self, name: str, off: str, side: int) -> None:
        device = insitu.load(name)
        self.zero, self.unit = (0.0, 10e-6) if device.one_sided else (10e-6, 5e-6)
        device = {"c2c": device.without("c2c"), "d2d": device.without("spread"), "": device}[off]
        low, high = ((bound - self.zero) / self.unit for bound in (device.g_min, device.g_max))
        encoding = OneSidedPair() if device.one_sided else SingleDevice(w_min=low, w_max=high)
        self.array = Crossbar(device, side, side, encoding=encoding, seed=SEED)
        self.low, self.high = ((bound[0] - self.zero) / self.unit for bound in self.array.cell[:2])
        self.all = np.divmod(np.arange(side * side), side)

    def pulse(self, way: int) -> None:
        self.array.give(*self.all, np.full(self.all[0].size, way))

    @property
    def w(self) -> Floats:
        return (self.array.g[0].astype(float) - self.zero) / self.unit

    @property
    def balance(self) -> Floats:
        """The symmetry points of soft bounds."""
        up, down = self.array.cell[2:, 0].astype(float)
        return self.low + (self.high - self.low) * up / (up + down)


def of_device(name: str, side: int) -> Iterator[Row]:
    """Compare one set with its preset."""
    ways = {"up": 1} if insitu.load(name).one_sided else {"up": 1, "down": -1}
    for off, kind in (("d2d", "c2c"), ("c2c", "d2d")):
        for way, sign in ways.items():
            cells = [make(name, off, side) for make in (Theirs, Ours)]
            for one in cells:
                one.pulse(sign)
            yield from compared(name, f"step {way}, {kind}", *(sign * one.w for one in cells))
    theirs, ours = (make(name, "", side) for make in (Theirs, Ours))
    yield from compared(name, "upper bound", theirs.high, ours.high)
    yield from compared(name, "lower bound", theirs.low, ours.low)
    if len(ways) == 1:
        return
    kinds = [("c2c", "d2d alone", False), ("", "all spread", False)]
    if isinstance(insitu.load(name), SoftBounds):
        kinds.append(("", "all spread, less that of the cell", True))
    for off, kind, subtract in kinds:
        theirs, ours = Theirs(name, off, side * 3 // 5, subtract), Ours(name, off, side * 3 // 5)
        for _ in range(PAIRS):
            for one in (theirs, ours):
                one.pulse(1)
                one.pulse(-1)
        yield from compared(name, f"symmetry point, {kind}", theirs.w, ours.w - (ours.balance if subtract else 0.0))


# -- the outer product and the schemes -----------------------------------------------------------------------------------

ROWS, COLUMNS, STEP = 6, 5, 0.01  # STEP of w, of every device below


def one_layer(kind: type[Device], scheme: Any, reach: float, seed: int) -> Weights:
    """Return a layer of ours: cells of w from -reach to reach, without noise and spread, steps of STEP at w = 0."""
    first = STEP * (2 if kind is SoftBounds else 1) * 5e-6
    device = kind(g_min=1e-6, g_max=1e-6 + 2 * reach * 5e-6, step_up=first, step_down=first)
    encoding = SingleDevice(w_min=-reach, w_max=reach)
    return Weights(device, ROWS, COLUMNS, scheme, form="factors", encoding=encoding, seed=seed)


def quiet(kind: str, reach: float) -> Any:
    """Return a device of aihwkit without noise and spread."""
    device = getattr(configs.devices, kind)(dw_min=STEP, w_max=reach, w_min=-reach)
    for field in vars(device):
        if field.endswith(("_dtod", "_std")) or field == "lifetime":
            setattr(device, field, 0.0)
    return device


def signals(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return n inputs and errors."""
    return rng.uniform(-1, 1, (n, ROWS)).astype(np.float32), rng.uniform(-1, 1, (n, COLUMNS)).astype(np.float32)


def of_outer_product(largest: float, trials: int) -> Iterator[Row]:
    """Compare what one outer product makes of every weight; ``largest`` coincidences of the largest pair are wanted."""
    (x, d), reach = signals(np.random.default_rng(SEED), 1), 1.0
    rate = largest * STEP / float(np.abs(x).max() * np.abs(d).max())
    tile = their_tile(quiet("ConstantStepDevice", reach), ROWS, COLUMNS, rate)
    mine = one_layer(ConstantStep, BlindPulses(), reach, SEED)
    theirs, ours = np.zeros((2, trials, ROWS * COLUMNS))
    for k in range(trials):
        tile.set_weights(torch.zeros(COLUMNS, ROWS))
        tile.update(torch.from_numpy(x), -torch.from_numpy(d))
        theirs[k] = tile.get_weights()[0].numpy().T.ravel() / STEP
        mine.put(np.zeros((ROWS, COLUMNS)))
        mine.add_factors(x, rate * d)
        ours[k] = mine.values.ravel() / STEP
    yield from each_compared("outer product", f"pulses, {largest:g} wanted of the largest", theirs, ours)


FAST, RATE, GAIN, CHOP = 5.0, 0.1, 0.2, 0.1  # pulses for x = d = 1; learning rate; of the buffer; polarities that flip
SCHEMES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "Tiki-Taka 2": ("BufferedTransferCompound", {}, TikiTaka),
    "chopped": ("ChoppedTransferCompound", {"in_chop_prob": CHOP}, partial(TikiTaka, chop=CHOP)),
    "AGAD": ("DynamicTransferCompound", {"in_chop_prob": CHOP}, partial(Agad, period=int(1 / CHOP))),
}


def of_scheme(name: str, trials: int) -> Iterator[Row]:
    """Compare fast and slow arrays after examples of the same signals, over layers that differ by their random numbers."""
    kind, options, scheme = SCHEMES[name]
    options |= {"transfer_every": 1, "transfer_lr": GAIN, "transfer_forward": configs.IOParameters(is_perfect=True)}
    options |= {"fast_lr": FAST * STEP, "momentum": 0.0, "forget_buffer": False}
    unit = getattr(configs.compounds, kind)(unit_cell_devices=[quiet("SoftBoundsDevice", 1.0)] * 2, **options)
    rng = np.random.default_rng(SEED)
    x, d = signals(rng, 40 * ROWS)
    d += 0.5 * x[:, :COLUMNS]  # so that there is something to learn
    halves = np.split(np.arange(len(x)), 2)
    slow, fast = np.zeros((2, 2, 2, trials, ROWS * COLUMNS))  # half x theirs or ours x trial x weight
    for k in range(trials):
        tile = their_tile(unit, ROWS, COLUMNS, RATE)
        mine = one_layer(SoftBounds, scheme(fast_pulses=FAST, rows=1, gain=GAIN, zero_shift=0), 1.0, SEED + 1 + k)
        for half, examples in enumerate(halves):
            for n in examples:
                tile.update(torch.from_numpy(x[n : n + 1]), -torch.from_numpy(d[n : n + 1]))
            mine.add_factors(x[examples], RATE * d[examples], RATE)
            theirs = tile.get_weights()[0], tile.get_hidden_parameters()["hidden_weights_0"]
            slow[half, 0, k], fast[half, 0, k] = (one.numpy().T.ravel() for one in theirs)
            slow[half, 1, k], fast[half, 1, k] = mine.values.ravel(), mine.fast.part.ravel()
    slow[1] -= slow[0]
    for half, (when, since) in enumerate((("half way", "half way"), ("at the end", "from half way to the end"))):
        yield from each_compared(name, f"fast array, {when}", *np.abs(fast[half]))
        yield from each_compared(name, f"weights, {since}", *slow[half])


# -- the table -----------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=200, help="side * side cells of a single step")
    parser.add_argument("--trials", type=int, default=100, help="layers of a scheme, and a 30th of the outer products")
    parser.add_argument("--only", default="", help="names of sets and schemes, with commas between")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    parts: dict[str, Any] = {name: (of_device, name, arguments.side) for name in PRESETS}
    parts |= {f"outer-{n}": (of_outer_product, n, 30 * arguments.trials) for n in (7.5, 100.0)}
    parts |= {name: (of_scheme, name, arguments.trials) for name in SCHEMES}
    chosen = [name.strip() for name in arguments.only.split(",")] if arguments.only else list(parts)
    version = importlib.metadata.version("aihwkit")
    print(f"aihwkit {version}, insitu {insitu.__version__}, load {machine_load()}; z in standard errors\n")
    print("| quantity | of | aihwkit | insitu | z | verdict |\n|---|---|---|---|---|---|")
    rows, began = [], time.process_time()
    for name in chosen:
        function, *given = parts[name]
        for row in function(*given):
            rows.append(row)
            numbers = f"{row.theirs:.5g} | {row.ours:.5g} | {row.z:+.1f}"
            print(f"| {row.what} | {row.of} | {numbers} | {row.verdict} |", flush=True)
    unknown = sum(row.verdict == "DIFFERS" for row in rows)
    known = sum(row.verdict != "agrees" for row in rows) - unknown
    seconds = time.process_time() - began
    print(f"\n{len(rows)} quantities: {known} differ for a known reason, {unknown} for none; {seconds:.0f} s of a core")


if __name__ == "__main__":
    main()
