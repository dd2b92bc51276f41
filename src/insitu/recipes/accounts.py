"""What each network did, array by array, for the price of a run: see insitu.ledger.usage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays import Crossbar
from insitu.arrays.wired import error_of_wires, loss_of_wires
from insitu.ledger import Counts, Wear
from insitu.ledger.usage import Accounts, Usage, Work, Worn
from insitu.networks.perceptron import Perceptron
from insitu.networks.spiking import SpikingNetwork
from insitu.schemes import FastArray, StochasticTrains, Weights
from insitu.schemes.events import ages
from insitu.schemes.moving import Effort

FAST = ", fast"  #: ends the name of the array that a scheme keeps beside that of a layer
#: what belongs to writing
_WRITING = (
    *("pulses_up", "pulses_down", "conductance_up", "conductance_down", "grown_up", "grown_down"),
    *("resets", "tuned", "missed", "charges", "clipped", "crossed"),
)


def usages_of(
    array: Crossbar, counts: Counts, *, updates: int, slots: int, looks: int, lines: int | None = None, **named: Any
) -> list[Usage]:
    """Divide the counts of one array in one phase into reading, writing and verifying.

    Parameters
    ----------
    updates, slots, lines : see Usage; lines are all columns unless given. looks : at the whole array, by closed loops.
    named : part, phase, device, and bits of the converters.
    """
    writing = Counts(**{name: getattr(counts, name) for name in _WRITING})
    looking = {"verify_reads": counts.verify_reads, "verify_conversions": counts.verify_conversions}
    verifying = Counts(reads=counts.verify_reads, conversions=counts.verify_conversions, **looking)
    reading = Usage(
        doing="reading",
        rows=array.rows,
        columns=array.columns,
        planes=array.encoding.planes,
        level=float(array.g.mean(dtype=float) / array.device.g_max),
        counts=counts - writing - verifying,
        times=counts.products,
        lines=lines or array.columns,
        **named,
    )
    made = [
        reading,
        replace(reading, doing="writing", counts=writing, times=updates, slots=slots),
        replace(reading, doing="verifying", counts=verifying, times=looks),
    ]
    return [usage for usage in made if any(usage.counts.as_dict().values())]


def _bits(layer: Weights) -> dict[str, int | None]:
    """Return the bits of the converters around a layer."""
    return {"adc_bits": layer.chip.adc_bits, "dac_bits": layer.chip.dac_bits}


def worn_of(array: Crossbar, part: str, device: str) -> Worn:
    """Return the wear of one array."""
    return Worn(part=part, device=device, cells=int(array.g.size), **asdict(Wear.of(array.writes)))


def spiking(network: SpikingNetwork, device: str, phases: Mapping[str, Counts]) -> Accounts:
    """Return the accounts of the spiking network: its array, column by column programmed at output spikes.

    In software, dense: a product, a winner-take-all and an update of one column at every output spike while learning.
    """
    layers = {"synapses": network.synapses}
    learned = events_of(layers)["learning"]
    array, spikes = network.synapses.array, phases["learning"].spikes_out
    parts = {phase: learned if phase == "learning" else {"synapses": counts} for phase, counts in phases.items()}
    updates = dict.fromkeys(learned, spikes // network.rule.stdp.every)
    usages, worn = usages_by_part(layers, parts, device, updates, lines=1)
    macs = spikes * array.rows * array.columns
    changes = learned["synapses"].pulses // array.encoding.planes
    work = Work(images=int(network.shown), macs=macs, changes=changes, loads=macs, launches=3 * spikes, batch=1)
    return Accounts(tuple(usages), tuple(worn), {"network": work}, aged_by([network.synapses]))


def perceptron(network: Perceptron, devices: Mapping[str, str], transfers: int) -> Accounts:
    """Return the accounts of a perceptron: each layer's arrays, by significance.

    A read drives the devices of all significances: each array gets its share of the cells read, and the least significant
    one the lines, conversions and products, of which there is one set. Updates take at most all slots of a train, a closed
    loop at most all its rounds; what Tiki-Taka carries is one pulse a row. In software, at batch 1: a product and an
    activation forwards for every layer, backwards for all but the first, and an update of every weight.

    Parameters
    ----------
    devices : name of the device of each array of a layer, by significance, ``MSP`` or ``LSP``, and ``fast`` (Tiki-Taka).
    transfers : between significances.
    """
    usages, worn = [], []
    for n, layer in enumerate(network.layers, 1):
        arrays = zip(devices.items(), layer.arrays_of_cells, layer.counts_by_array, strict=True)
        read = Counts.of(layer.array.counts)
        share = (read.reads - read.verify_reads) // layer.planes
        for (name, device), array, events in arrays:
            counts = Counts.of(events)
            if array in layer.levels:  # of the cells read in products
                counts = replace(counts, reads=counts.verify_reads + share * array.encoding.planes)
            spent = _effort(layer, array, network.shown, transfers)
            usages += usages_of(
                array,
                counts,
                part=f"layer {n} {name}",
                phase="learning",
                device=device,
                **_bits(layer),
                updates=spent.updates,
                slots=spent.slots,
                looks=spent.looks,
            )
            worn.append(worn_of(array, f"layer {n} {name}", device))
    sizes = [layer.rows * layer.columns for layer in network.layers]
    products = 2 * sum(sizes) - sizes[0]
    shown, depth = network.shown, len(sizes)
    macs, changes, launches = shown * products, shown * sum(sizes), shown * (5 * depth - 2)
    work = Work(images=shown, macs=macs, changes=changes, loads=macs, launches=launches, batch=1)
    return Accounts(tuple(usages), tuple(worn), {"network": work}, aged_by(network.layers))


def _effort(layer: Weights, array: Crossbar, shown: int, transfers: int) -> Effort:
    """Return what an array of a layer did one after the other: looks, updates, and most pulses of an update."""
    scheme, how = layer.scheme, layer.scheme.transfer
    several = len(layer.levels) > 1
    above = next((place for place, level in enumerate(layer.levels) if several and level is array), 0)
    moved = Effort(0, 0, 1) if how is None else how.effort(transfers, above, max(len(layer.levels), 2))
    if array is layer.learning:
        trains = getattr(scheme, "trains", None)
        return moved._replace(
            updates=scheme.turns(shown), slots=trains.slots if isinstance(trains, StochasticTrains) else 1
        )
    if array is layer.array:  # what Tiki-Taka carries: each row that it reads may be pulsed
        carried = shown // scheme.every * scheme.rows if isinstance(scheme, FastArray) else 0
        return moved._replace(updates=carried, slots=1)
    return moved


def aged_by(layers: Sequence[Weights]) -> float | None:
    """Return by how much an example ages the cells of a network, s; None if none leaks or drifts."""
    return layers[0].chip.image_seconds if any(ages(layer) for layer in layers) else None


def learned_by(layers: Mapping[str, Weights]) -> Iterator[tuple[str, Crossbar, Counts]]:
    """Yield part, array and counts of learning: of each layer, and as ``NAME, fast`` of an array of its scheme's own."""
    for part, layer in layers.items():
        least = len(layer.levels) - 1
        arrays, counts = layer.arrays_of_cells[least:], layer.counts_by_array[least:]
        for more, array, events in zip(("", FAST), arrays, counts, strict=False):
            yield part + more, array, Counts.of(events)


def events_of(layers: Mapping[str, Weights]) -> dict[str, dict[str, Counts]]:
    """Return the counts so far by phase, learning and test, and part."""
    learned = {part: counts for part, _, counts in learned_by(layers)}
    return {"learning": learned, "test": {part: Counts.of(layer.heard) for part, layer in layers.items()}}


def usages_by_part(
    layers: Mapping[str, Weights],
    events: Mapping[str, Mapping[str, Counts]],
    device: str,
    updates: Mapping[str, int],
    lines: int | None = None,
) -> tuple[list[Usage], list[Worn]]:
    """Return usages and wear of arrays of one device: ``events`` are counts by phase and part, ``updates`` by part."""
    usages, arrays = [], {part: array for part, array, _ in learned_by(layers)}
    bits = _bits(next(iter(layers.values())))
    for phase, parts in events.items():
        for part, counts in parts.items():
            array = arrays[part]
            times = updates[part] if phase == "learning" else 0
            tries = array.device.programming.tries or 1 if counts.verify_reads else 1
            named = {"part": part, "phase": phase, "device": device, **bits}
            looks = times * tries
            turns = layers[part.removesuffix(FAST)].scheme.turns(times)
            usages += usages_of(array, counts, updates=turns, slots=tries, looks=looks, lines=lines, **named)
    return usages, [worn_of(array, part, device) for part, array in arrays.items()]


def saved(layers: Mapping[str, Weights]) -> dict[str, NDArray[Any]]:
    """Return what arrays.npz holds of layers by the heads of their names: weights; conductances and writes of the cells."""
    found: dict[str, NDArray[Any]] = {}
    for head, layer in layers.items():
        found[f"{head}weights"] = layer.values
        for kind, array in (("", layer.array), ("fast_", layer.fast)):
            if array is not None:
                found |= {f"{head}{kind}conductance": array.g, f"{head}{kind}writes": array.writes}
    return found


def chip_of(layers: Mapping[str, Weights]) -> dict[str, Any]:
    """Return what a recipe says of the chip around its layers: its tiles, what wires do, and what converters cut off."""
    found: dict[str, Any] = {}
    chip, arrays = next(iter(layers.values())).chip, [array for one in layers.values() for array in one.arrays_of_cells]
    if chip.tile_rows or chip.tile_columns:
        size = f"{chip.tile_rows or 'all'} x {chip.tile_columns or 'all'}"
        grids = [chip.tiles(array.rows, array.columns, array.encoding.planes) for array in arrays]
        found["tiles"] = sum(below * beside for below, beside in grids)
        found["layout"] = [
            f"{array.rows} x {array.columns} weights of {array.encoding.planes} cell(s) on {below * beside} "
            f"tile{'s' * (below * beside != 1)} of {size} ({below} x {beside})"
            for array, (below, beside) in zip(arrays, grids, strict=True)
        ]
    if chip.wires is not None:
        with ExitStack() as stack:
            for layer in layers.values():
                stack.enter_context(layer.listening())
            found["wire_loss"] = float(np.mean([loss_of_wires(array) for array in arrays]))
            found["wire_solutions"] = sum(int(array.solutions) for array in arrays)
            found["wire_error"] = max(max(float(array.wire_error), error_of_wires(array)) for array in arrays)
    if chip.adc_bits is not None:
        counts = Counts.of(np.sum([layer.counts for layer in layers.values()], axis=0))
        found["saturated_fraction"] = counts.saturated / max(counts.conversions - counts.verify_conversions, 1)
    return found


def relaxing(
    layers: Mapping[str, Weights],
    device: str,
    updates: Mapping[str, int],
    batches: Mapping[str, int],
    *,
    signed: bool,
) -> dict[str, Any]:
    """Return what a recipe says of networks that relax, beside their accuracy: pulses, wear, layout and accounts.

    Parameters
    ----------
    layers : by part. updates : of each layer of a network, by the beginning of its parts.
    batches : network -> examples that are read together; the parts of a network begin with its name, and one alone is named
        ``network``. signed : see :func:`settling_work`.
    """
    events, arrays = events_of(layers), [array for _, array, _ in learned_by(layers)]
    of_part = {part: next(n for key, n in updates.items() if part.startswith(key)) for part in events["learning"]}
    usages, worn = usages_by_part(layers, events, device, of_part)
    work = {
        key or "network": settling_work(
            [usage for usage in usages if usage.part.startswith(key)], batch=batch, updates=of_part, signed=signed
        )
        for key, batch in batches.items()
    }
    wear = Wear.of(np.concatenate([array.writes.ravel() for array in arrays]))
    return {
        "pulses_up": sum(counts.pulses_up for counts in events["learning"].values()),
        "pulses_down": sum(counts.pulses_down for counts in events["learning"].values()),
        "pulses_per_cell": wear.mean,
        "pulses_per_cell_max": wear.maximum,
        "device": device,
        "cells": sum(int(array.g.size) for array in arrays),
        **chip_of(layers),
        **Accounts(tuple(usages), tuple(worn), work, aged_by([*layers.values()])).as_dict(),
    }


def ledger_of(layers: Mapping[str, Weights], network: str = "") -> dict[str, dict[str, int]]:
    """Return phase -> event -> count of the network whose parts begin with its name."""
    return {
        phase: sum((counts for part, counts in parts.items() if part.startswith(network)), Counts()).as_dict()
        for phase, parts in events_of(layers).items()
    }


def settling_work(usages: Sequence[Usage], *, batch: int, updates: Mapping[str, int], signed: bool) -> Work:
    """Return the arithmetic of networks that settle, in software, dense.

    A product and an activation for every read of a batch; for every update two multiply-accumulates an example and weight,
    one of either phase, and a change of every weight.

    Parameters
    ----------
    batch : examples that are read together. updates : by part, of all networks.
    signed : whether inputs are positive and negative, and never 0: then each read drove every line, of some columns or all.
    """
    macs = loads = launches = changes = most = 0
    reads = (usage for usage in usages if usage.phase == "learning" and usage.doing == "reading")
    for usage in (usage for usage in reads if not usage.part.endswith(FAST)):  # which software does without
        weights, counts = usage.rows * usage.columns, usage.counts
        product = counts.reads // usage.planes if signed else counts.vectors * weights
        macs += product + 2 * batch * updates[usage.part] * weights
        loads += product // batch
        launches += 2 * counts.vectors // batch + 3 * updates[usage.part]
        most = max(most, updates[usage.part])
        changes += updates[usage.part] * weights
    return Work(images=batch * most, macs=macs, changes=changes, loads=loads, launches=launches, batch=batch)
