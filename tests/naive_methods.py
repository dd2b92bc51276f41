"""The slow, obvious twins of the schemes, on the twin of an array (naive_cells.Cells)."""

from __future__ import annotations

import math

import numpy as np
from naive import LOW, READ, exp, f32, normal, uniform, words

TRAIN, CHOP, WRITE, SCHEME = 9, 11, 12, 16  # streams

# -- blind pulses of one example ---------------------------------------------------------------------------------------


def fires(values, scale, slots, first, shown, stream, seed):
    """For each line, whether it fires in each slot: four slots share the words of one block."""
    said = []
    for line, value in enumerate(values):
        threshold = int(min(scale * abs(float(value)), 1.0) * 2**32)
        train = []
        for slot in range(slots):
            block = words(seed, stream, first + line, shown & LOW, ((shown >> 32) << 8) | slot // 4)
            train.append(block[slot % 4] < threshold)
        said.append(train)
    return said


def meetings(x, d, trains, shown, stream, seed, counts=None):
    """Which rows and which columns fire, one slot after the other."""
    counts = {"trains": 0, "cut": 0} if counts is None else counts
    step, *train = trains
    x_max, d_max = (max(abs(float(v)) for v in line) for line in (x, d))
    if x_max == 0 or d_max == 0:
        return []
    counts["trains"] += 1
    if len(train) < 3:
        wanted = x_max * d_max / step
        used = max(1, min(int(train[0]), math.ceil(wanted)))
        counts["cut"] += wanted > train[0]
        wanted = min(wanted, train[0]) if train[1:] else wanted
        scale = min(math.sqrt(wanted / used), 1.0)
        row = fires(x, scale / x_max, used, 0, shown, stream, seed)
        column = fires(d, wanted / used / scale / d_max, used, len(x), shown, stream, seed)
        return [([a[slot] for a in row], [b[slot] for b in column]) for slot in range(used)]
    levels, full, most, *shrink = train
    counts["cut"] += x_max > full or d_max * (full / (levels * step)) > most
    per_row, per_column = levels / full, full / (levels * step)
    if any(shrink):
        per_row, per_column = min(per_row, levels / x_max), min(per_column, most / d_max)
    times = [int(min(abs(float(v)) * per_row, levels) + 0.5) for v in x]
    again = [int(min(abs(float(v)) * per_column, most) + 0.5) for v in d]
    return [([i < a for a in times], [j < b for b in again]) for i in range(max(times)) for j in range(max(again))]


def blind(cells, x, d, trains, shown):
    """Pulse every weight in the direction of x d, as often as its row meets its column.

    ``trains``: step and slots of stochastic trains (and 1 if they shrink), or step, levels, full signal, most firings and
    whether they shrink, of counted ones.
    """
    for rows, columns in meetings(x, d, trains, shown, TRAIN + cells.streams, cells.seed, cells.counts):
        cells.raise_lines(sum(rows), sum(columns))
        for row, fires_row in enumerate(rows):
            for column, fires_column in enumerate(columns):
                if fires_row and fires_column:
                    up = (x[row] > 0) == (d[column] > 0)
                    direction = (1 if up else -1) * int(cells.chop[row])
                    if cells.frozen[column, row] == 0:
                        cells.meet(row, column, direction)


# -- weight by weight --------------------------------------------------------------------------------------------------


def stdp(w, up, rule):
    """The change that a step of STDP wants."""
    return rule.ltp * exp(-rule.decay * (w - rule.low)) if up else -rule.ltd


def drawn(cells, row, column, time):
    """The random number of a scheme for one weight."""
    return uniform(words(cells.seed, SCHEME + cells.streams, row * cells.columns + column, time)[0])


def decide(cells, row, column, change, kept, law, draws, time):
    """Ask the law of a scheme for one weight; what it keeps changes in place. Return what is due of a weight read upright."""
    z = drawn(cells, row, column, time) if draws else 0.0
    n, rest = law(float(change), float(kept[row, column]), z)
    kept[row, column] = rest
    return n


def hand(cells, row, column, due, written, only=0):
    """Give a weight its pulses, or write it by ``written``, (range of weights, tune), to where it stands and what is due."""
    if written is None:
        cells.give([row], [column], [int(cells.chop[row]) * int(due)], only)
        return
    (low, high), tune = written
    goal = min(max(float(cells.weights[row, column]) + due, low), high)
    base, chop = (float(cells.base[row, column]), float(cells.chop[row])) if cells.stacked else (0.0, 1.0)
    tune([row], [column], [chop * (goal - base)])


def polarity(time):
    """Of the pulses of an update where cycles take turns: SET first."""
    return -1 if time % 2 else 1


def signs(cells, x, d, least, time, alternate):
    """One pulse wherever an input meets an error of at least this size, by their signs."""
    cells.counts["digital_ops"] += cells.columns
    for row in np.flatnonzero(x):
        for column in np.flatnonzero((np.abs(d.astype(float)) >= least) & (d != 0)):
            if cells.frozen[column, row] == 0:
                due = 1 if (x[row] > 0) == (d[column] > 0) else -1
                hand(cells, row, column, due, None, polarity(time) if alternate else 0)


def per_weight(cells, change, kept, law, time, *, draws=False, written=None, alternate=False):
    """A scheme that decides weight by weight, for the rows of a change (rows, columns) that are not None."""
    only = polarity(time) if alternate else 0
    for row, wanted in enumerate(change):
        if wanted is None:
            continue
        due = [decide(cells, row, column, wanted[column], kept, law, draws, time) for column in range(cells.columns)]
        cells.counts["digital_ops"] += 3 * cells.columns + np.count_nonzero(due)
        for column, n in enumerate(due):
            if n and cells.frozen[column, row] == 0:
                hand(cells, row, column, n, written, only)


def per_weight_column(cells, column, up, rule, kept, law, time, *, draws=False, written=None, alternate=False):
    """The same for the live weights of a column, by STDP."""
    live, only = cells.live[column], polarity(time) if alternate else 0
    for row in live:
        cells.counts["conductance_read"] += cells.level(row, column)
        change = stdp(float(cells.weights[row, column]), up[row], rule)
        n = decide(cells, row, column, change, kept, law, draws, time)
        if n:
            cells.counts["digital_ops"] += 1
            hand(cells, row, column, n, written, only)
    cells.counts["reads"] += len(live) * cells.planes
    cells.counts["digital_ops"] += 4 * len(live)


def products(x, d):
    """The change of an example row by row in single precision; None for a silent row."""
    return [None if value == 0 else [f32(value * error) for error in d] for value in x]


# -- write and verify --------------------------------------------------------------------------------------------------


def due(memory, row, column, band):
    """Whether a target has left the band about what was tried, and about what was found."""
    target, tried, found = memory[:, row, column]
    return abs(target - tried) > band and abs(target - found) > band


def write_target(cells, row, column, goal, memory, tune):
    """Write a weight to its target: the part of it that this array holds; and remember what was found."""
    base, chop = (float(cells.base[row, column]), float(cells.chop[row])) if cells.stacked else (0.0, 1.0)
    memory[1, row, column] = goal
    (found,) = tune([row], [column], [chop * (goal - base)])
    memory[2, row, column] = base + chop * found


def targets(cells, change, memory, limits, band, tune):
    """Move the targets ``memory[0]`` by the rows of a change that are not None, and write what is due."""
    low, high = (f32(limit) for limit in limits)
    for row, wanted in enumerate(change):
        if wanted is None:
            continue
        cells.counts["digital_ops"] += 3 * cells.columns
        for column in range(cells.columns):
            memory[0, row, column] = min(max(f32(memory[0, row, column] + wanted[column]), low), high)
            if due(memory, row, column, f32(band)) and cells.frozen[column, row] == 0:
                write_target(cells, row, column, float(memory[0, row, column]), memory, tune)


def targets_column(cells, column, up, rule, memory, limits, band, tune):
    """The same for the live weights of a column, by STDP."""
    for row in cells.live[column]:
        target = float(memory[0, row, column])
        target = min(max(target + stdp(target, up[row], rule), limits[0]), limits[1])
        memory[0, row, column] = target
        if min(abs(target - float(known)) for known in memory[1:, row, column]) > band:
            write_target(cells, row, column, target, memory, tune)
    cells.counts["digital_ops"] += 4 * len(cells.live[column])


def by_law(cells, encoding, rows, columns, goals, loop):
    """Each cell ends where the encoding places it, but for the error of the law; return what is taken for written."""
    found = []
    for row, column, goal in zip(rows, columns, map(float, goals), strict=True):
        cells.counts["tuned"] += 1
        sound = reached = True
        for plane in range(cells.planes):
            if not cells.signs[plane]:
                continue
            at = plane, column, row
            zero, end = (
                float(encoding.encode(np.array(w), cells.device)[plane])
                for w in (0.0, encoding.w_max if goal > 0 else encoding.w_min)
            )
            wanted = zero + goal * ((end - zero) / (encoding.w_max if goal > 0 else encoding.w_min))
            before, time = float(cells.g[at]), int(cells.writes[at])
            way = "up" if wanted > before else "down"
            if not cells.device.mortal or time < cells.lifetime[at]:
                low, high = (float(bound[at] if bound.size > 1 else bound[0, 0, 0]) for bound in cells.cell[:2])
                reached = reached and low <= wanted <= high
                if loop.error_sd:
                    place = (plane * cells.columns + column) * cells.rows + row
                    wanted += loop.error_sd * normal(words(cells.seed, WRITE + cells.streams, place, time))
                cells.g[at] = min(max(low, wanted), high)
            else:
                sound = False
            cells.writes[at] += loop.tries
            level = int((before + float(cells.g[at])) * (0.5 * 65536 / cells.nominal.g_max) + 0.5)
            cells.counts[f"pulses_{way}"] += loop.tries
            cells.counts[f"conductance_{way}"] += loop.tries * level
            cells.counts["crossed"] += loop.tries * (cells.planes * cells.columns + cells.rows)
            for key in ("reads", "conversions", "verify_reads", "verify_conversions"):
                cells.counts[key] += loop.tries
        cells.settle(row, column)
        cells.counts["missed"] += not sound
        found.append(goal if sound and reached else cells.part(row, column))
    return found


# -- numbers -----------------------------------------------------------------------------------------------------------


def exact(cells, change, limits):
    """Weights that move as numbers do, in single precision, for the rows of a change that are not None."""
    low, high = (f32(limit) for limit in limits)
    for row, wanted in enumerate(change):
        for column in range(cells.columns if wanted is not None else 0):
            if cells.frozen[column, row] == 0:
                cells.weights[row, column] = min(max(f32(cells.weights[row, column] + wanted[column]), low), high)


def exact_column(cells, column, up, rule, limits):
    """The same for the live weights of a column, by STDP."""
    for row in cells.live[column]:
        w = float(cells.weights[row, column])
        cells.weights[row, column] = min(max(w + stdp(w, up[row], rule), limits[0]), limits[1])


# -- Tiki-Taka ---------------------------------------------------------------------------------------------------------


def carry(slow, fast, h, every, some, gain, threshold, flip, shown, measured=None):
    """The next rows of the fast array, into h and from there to the slow one; all change in place.

    ``measured`` is beta, the running mean and the reference of AGAD, whose polarities flip after every ``flip``-th read.

    What is read is counted with the fast array, what is worked out and pulsed with the slow one.
    """
    if (shown + 1) % every:
        return
    turn = (shown + 1) // every - 1
    for read in range(turn * some, (turn + 1) * some):
        row = read % fast.rows
        fast.counts["row_drives"] += 1
        fast.counts["products"] += 1
        for column in range(fast.columns):
            fast.counts["reads"] += fast.planes
            fast.counts["conductance_read"] += fast.level(row, column)
            fast.counts["conversions"] += 1
            slow.counts["digital_ops"] += 3 if measured is None else 7
            value = seen(fast, row, column, read)
            if measured is not None:
                beta, mean, reference = measured
                own = float(fast.chop[row]) * value
                value -= float(fast.chop[row]) * float(reference[row, column])
                mean[row, column] = float(mean[row, column]) + beta * (own - float(mean[row, column]))
                if read // fast.rows < flip:
                    continue
            total = float(h[row, column]) + gain * value
            if abs(total) >= threshold:
                sign = 1 if total > 0 else -1
                slow.counts["digital_ops"] += 1
                total -= sign * threshold
                if slow.frozen[column, row] == 0:
                    slow.give([row], [column], [sign * int(slow.chop[row])])
            h[row, column] = total
        if measured is not None:
            turns = (read // fast.rows + 1) % flip == 0
            if turns:
                measured[2][row] = measured[1][row]
        else:
            turns = flip > 0 and uniform(words(fast.seed, CHOP + fast.streams, row, read)[0]) < flip
        if turns:
            fast.chop[row] *= -1
            fast.base[row] *= -1
            fast.weights[row] *= -1  # the same currents, read the other way round


def seen(fast, row, column, read):
    """What one read of a weight of the fast array says."""
    w, variance = (
        float(fast.weights[row, column]),
        float(fast.variance[row, column] if fast.noisy else fast.variance[0, 0]),
    )
    if fast.noisy or variance > 0:
        w += float(np.sqrt(variance)) * normal(words(fast.seed, READ + fast.streams, column, read))
    return w


def alternated(cells, at, noise, pairs):
    """Where pairs of mean pulses, up and down, take one cell, S; a pair that hardly moves it is the last."""
    p, g = cells.parameters(at), float(cells.g[at])
    for _ in range(pairs):
        start = g
        for polarity in (1.0, -1.0):
            total = 0.0
            for z in noise:
                total += cells.law(g, polarity, p, z)
            g = min(max(p.g_min, total / len(noise)), p.g_max)
        if abs(g - start) < 1e-7 * (p.g_max - p.g_min):
            break
    return np.float32(g)
