"""The slow, obvious twin of an array: its cells are pulsed and looked at one at a time. See :mod:`naive`."""

from __future__ import annotations

import math
from functools import partial
from types import FunctionType

import numpy as np
from naive import COUNTED, GATE, PULSE, ROUND, STREAMS, VERIFY, exp, f32, log, normal, uniform, words


class Cells:
    """A copy of a crossbar that is written and read one cell at a time."""

    def __init__(self, array):
        from insitu.devices.base import parameters

        self.device, self.seed, self.streams = array.device, array.seed, STREAMS * array.index
        self.gains, self.signs, self.offset = array.map
        for name in ("g", "writes", "weights", "variance", "base", "base_variance", "chop", "frozen"):
            setattr(self, name, getattr(array, name).copy())
        self.cell, self.lifetime, self.jumps = array.cell, array.lifetime, array.jumps
        self.live = [sorted(array.live[k, :n].tolist()) for k, n in enumerate(array.n_live)]
        self.planes, self.columns, self.rows = self.g.shape
        self.devices = self.planes  # that a read of a weight drives, in all arrays together
        self.digital, self.stacked, self.one_sided = array.encoding.digital, array.stacked, array.device.one_sided
        self.noisy = array.noisy
        self.nominal = parameters(array.device)
        if not self.digital and not array.device.spread.on:  # bounds as the cells store them
            low, high = (float(f32(bound)) for bound in self.nominal[:2])
            self.nominal = self.nominal._replace(g_min=low, g_max=high)
        arithmetic = {"exp": exp, "log": log}
        self.law = FunctionType(array.device.step.__code__, array.device.step.__globals__ | arithmetic)
        self.counts = dict.fromkeys(COUNTED, 0)
        self.drive = np.zeros((3, max(self.rows, self.columns)), int)  # how long reads drove each row, and each column

    # -- a pulse -------------------------------------------------------------------------------------------------------

    def parameters(self, at):
        """The parameters of one cell."""
        if not self.device.spread.on:
            return self.nominal
        g_min, g_max, step_up, step_down = (float(values[at]) for values in self.cell)
        return self.nominal._replace(g_min=g_min, g_max=g_max, step_up=step_up, step_down=step_down)

    def pulse_cell(self, plane, column, row, polarity, alone=True, volts=None):
        """One pulse on one cell, for which its lines are raised ``alone`` or with others; return the conductance before it is
        rounded to single precision. ``volts`` is its amplitude over that of the device, and the step over that one's.
        """
        amplitude, factor = volts or (1.0, 1.0)
        at = plane, column, row
        written = int(self.writes[at])
        self.writes[at] += 1
        way = "up" if polarity > 0 else "down"
        g = float(self.g[at])
        self.counts[f"pulses_{way}"] += 1
        self.counts[f"conductance_{way}"] += int(g * (65_536 / self.nominal.g_max) * (amplitude * amplitude) + 0.5)
        self.counts[f"grown_{way}"] += int((amplitude * amplitude - 1) * 65_536 + 0.5)
        self.counts["crossed"] += (self.planes * self.columns + self.rows) * alone
        if self.device.mortal and written >= self.lifetime[at]:
            return g
        z = 0.0
        if self.device.noisy:
            block = words(self.seed, PULSE + self.streams, (plane * self.columns + column) * self.rows + row, written)
            z = {"normal": normal(block), "uniform": uniform(block[0])}[self.device.draw]
        p = self.grown(self.parameters(at), way, factor)
        inside = min(max(g, p.g_min), p.g_max)  # time may have taken it out
        g = min(max(self.law(inside, float(polarity), p, z), p.g_min), p.g_max) + (g - inside)
        self.g[at] = g
        return g

    def grown(self, p, way, factor):
        """The parameters of a cell for pulses whose steps are larger."""
        return p._replace(**{f"step_{way}": getattr(p, f"step_{way}") * factor})

    def volts(self, polarity, how, turns):
        """Amplitude and step of a pulse that grows, each over that of the device; ``how`` is a closed loop."""
        first, per_volt = (
            getattr(self.device.pulse, f"{of}_{'up' if polarity > 0 else 'down'}") for of in ("volts", "per_volt")
        )
        if how is None or not how.growth or not turns:
            return 1.0, 1.0
        most = 10 * first if how.max_volts is None else how.max_volts
        more = min(turns * (how.growth / first), most / first - 1)
        return 1.0 + more, exp(min(per_volt * first * more, 30.0))

    def nudge(self, row, column, direction, alone=True, volts=lambda sign: None, only=0):
        """A pulse on each device of a weight that moves its part up or down; return what the last one then conducts.

        ``only``: the one polarity that is sent, 0 both.
        """
        g = None
        for plane in range(self.planes):
            sign = int(self.signs[plane]) * direction
            if only in (0, sign) and (sign > 0 or (sign < 0 and not self.one_sided)):
                g = self.pulse_cell(plane, column, row, sign, alone, volts(sign))
        return g

    def reset(self, row, column):
        """RESET all devices of a weight."""
        for plane in range(self.planes):
            if self.signs[plane]:
                self.pulse_cell(plane, column, row, -1)
                self.counts["resets"] += 1

    # -- what a read sees ----------------------------------------------------------------------------------------------

    def part(self, row, column):
        """What the devices of a weight amount to."""
        w = self.offset
        for plane in range(self.planes):
            w += self.gains[plane] * float(self.g[plane, column, row])
        return w

    def spread(self, row, column):
        """The variance that one read of the devices of a weight adds."""
        noise, total = self.device.read_noise, 0.0
        for plane in range(self.planes):
            g = float(self.g[plane, column, row])
            sd = self.gains[plane] * ((noise.cv or 0.0) * g + (noise.sd or 0.0))
            total += sd * sd
            if self.jumps.size and self.jumps[plane, column, row]:
                sd = self.gains[plane] * (self.device.telegraph.jump / 2) * g
                total += sd * sd
        return total

    def level(self, row, column):
        """What a read of one weight conducts, in 65,536ths of g_max."""
        levels = (float(self.g[plane, column, row]) * (65_536 / self.nominal.g_max) for plane in range(self.planes))
        return sum(int(level + 0.5) for level in levels)

    def conducted(self, inputs):
        """What all that was driven conducts now, a line's cells rounded together to 256ths of g_max; columns meet inputs."""
        g = np.where(self.frozen.T == 2, 0.0, self.g.sum(axis=0, dtype=float).T) * 256 / self.nominal.g_max
        rows, columns = g.sum(axis=1), g[:inputs].sum(axis=0)
        lines = [*zip(self.drive[0], rows, strict=False), *zip(self.drive[1], columns, strict=False)]
        return sum(int(driven) * round(level) for driven, level in lines)

    def settle(self, row, column, part=None):
        """Bring a weight up to date; from the conductances as stored if the part is not given."""
        if self.digital:
            w, variance = self.sensed(row, column)
        else:
            w, variance = (self.part(row, column) if part is None else part), self.spread(row, column)
            if self.stacked:
                w = float(self.base[row, column]) + float(self.chop[row]) * w
                variance += float(self.base_variance[row, column])
        removed = self.frozen[column, row] == 2
        self.weights[row, column] = 0.0 if removed else w
        if self.noisy:
            self.variance[row, column] = 0.0 if removed else variance

    def look(self, row, column, loop, turn):
        """One noisy read of the part of a weight, to verify it."""
        self.count_look()
        w, noise = self.part(row, column), self.device.read_noise
        if noise.cv or noise.sd or self.jumps.size:
            time = loop.number * (loop.iterations + 1) + turn
            block = words(self.seed, VERIFY + self.streams, column * self.rows + row, time)
            w += math.sqrt(self.spread(row, column)) * normal(block)
        return w

    def count_look(self):
        """One look of a closed loop at one weight."""
        for kind in ("", "verify_"):
            self.counts[f"{kind}reads"] += self.planes
            self.counts[f"{kind}conversions"] += 1

    # -- pulses for many weights ---------------------------------------------------------------------------------------

    def meet(self, row, column, direction):
        """Pulse one of many weights; that of a single device is as fine as its pulse."""
        g = self.nudge(row, column, direction, alone=False)
        plain = self.planes == 1 and not self.stacked
        self.settle(row, column, self.offset + self.gains[0] * g if plain else None)

    def raise_lines(self, rows, columns):
        """Raise so many lines at once: a row lies on all columns of all devices."""
        self.counts["crossed"] += self.planes * (rows * self.columns + columns * self.rows)

    def program(self, column, up, rule, spikes):
        """STDP on a column: each live weight has a pulse coming, up or down; a coin may call it off."""
        if self.digital:
            self.program_digital(column, up, rule, spikes)
            return
        self.raise_lines(0, 1)
        for row in self.live[column]:
            if min(rule.chance_up, rule.chance_down) < 1:
                block = words(self.seed, GATE + self.streams, column * self.rows + row, spikes)
                if uniform(block[0]) >= (rule.chance_up if up[row] else rule.chance_down):
                    continue
            self.raise_lines(1, 0)
            self.meet(row, column, (1 if up[row] else -1) * int(self.chop[row]))

    def give(self, rows, columns, pulses, only=0):
        """Signed numbers of pulses for listed weights; for codes, of least significant bits."""
        for row, column, n in zip(rows, columns, pulses, strict=True):
            if self.digital:
                self.counts["reads"] += self.planes
                self.counts["conductance_read"] += self.level(row, column)
                self.store(row, column, self.code(row, column) + n)
            else:
                for _ in range(abs(n)):
                    self.nudge(row, column, 1 if n > 0 else -1, only=only)
            self.settle(row, column)

    # -- closed loop ---------------------------------------------------------------------------------------------------

    def tune(self, rows, columns, targets, loop, how=None):
        """Write and verify listed weights; return what the last verify of each has read. ``how``: pulses that grow."""
        found = []
        for row, column, target in zip(rows, columns, map(float, targets), strict=True):
            self.counts["tuned"] += 1
            if self.digital:
                found.append(self.tune_digital(row, column, target, loop.iterations))
            elif loop.blind and self.one_sided:
                found.append(target)
                self.write_blind(row, column, target, loop.burst)
            elif self.one_sided and abs(target) < loop.floor:
                found.append(self.look(row, column, loop, 0))
                if abs(found[-1]) > loop.tolerance:
                    self.reset(row, column)
                    found[-1] = 0.0
            else:
                found.append(self.tune_one(row, column, target, loop, how))
            self.settle(row, column)
        return found

    def tune_one(self, row, column, target, loop, how):
        """Look, and pulse in proportion to the error, until a look is within the tolerance."""
        spent, same_way, before = self.one_sided and bool(loop.fresh), 0, 0.0
        if spent:
            self.reset(row, column)
        for turn in range(loop.iterations + 1):
            found = self.look(row, column, loop, turn)
            error = target - found
            if abs(error) <= loop.tolerance:
                return found
            same_way = same_way + 1 if error * before > 0 else 0
            before = error
            if turn == loop.iterations:
                self.counts["missed"] += 1
            elif not self.one_sided:
                volts = partial(self.volts, how=how, turns=same_way)
                for _ in range(self.pulses_for(row, column, error, loop.burst, volts)):
                    self.nudge(row, column, 1 if error > 0 else -1, volts=volts)
            else:
                (plane,) = (plane for plane in range(self.planes) if self.signs[plane] * error > 0)
                g = float(self.g[plane, column, row])
                goal = g + abs(error / self.gains[plane])
                if goal > loop.top and not spent:
                    self.reset(row, column)
                    spent, before = True, 0.0
                else:
                    volts = self.volts(1, how, same_way)
                    for _ in range(self.pulses_to(g, goal, 1, loop.burst, volts[1])):
                        self.pulse_cell(plane, column, row, 1, volts=volts)
        return found

    def pulses_for(self, row, column, error, burst, volts):
        """As many pulses as the mean step of the nominal cell asks for, at least one and at most a burst."""
        moves, middle = 0.0, 0.5 if self.device.noisy and self.device.draw == "uniform" else 0.0
        for plane in range(self.planes):
            if self.signs[plane]:
                g, sign = float(self.g[plane, column, row]), 1.0 if self.signs[plane] * error > 0 else -1.0
                p = self.grown(self.nominal, "up" if sign > 0 else "down", volts(sign)[1])
                moves += abs(self.gains[plane] * (self.law(g, sign, p, middle) - g))
        return burst if moves <= 0 else max(1, min(burst, int(abs(error) / moves + 0.5)))

    def pulses_to(self, g, goal, least, most, factor=1.0):
        """How many SET pulses bring the nominal cell nearest to the goal."""
        p, n = self.grown(self.nominal, "up", factor), 0
        while n < most:
            after = min(max(p.g_min, self.law(g, 1.0, p, 0.0)), p.g_max)
            if n >= least and abs(after - goal) >= abs(g - goal):
                break
            g, n = after, n + 1
        return n

    def write_blind(self, row, column, target, most):
        """RESET and as many pulses as the nominal cell would take, without a look."""
        self.reset(row, column)
        p = self.nominal
        g = min(max(p.g_min, self.law(p.g_max, -1.0, p, 0.0)), p.g_max)
        for plane in range(self.planes):
            if self.signs[plane] * target > 0:
                for _ in range(self.pulses_to(g, g + abs(target / self.gains[plane]), 0, most)):
                    self.pulse_cell(plane, column, row, 1)

    # -- digital -------------------------------------------------------------------------------------------------------

    def lsb(self):
        """The weight of the least significant bit."""
        return float(self.gains[0]) * (self.device.g_max - self.device.g_min)

    def code(self, row, column):
        """The code that the cells hold."""
        middle = 0.5 * (self.device.g_min + self.device.g_max)
        return sum(1 << p for p in range(self.planes) if float(self.g[p, column, row]) > middle)

    def sensed(self, row, column):
        """The mean of what sense amplifiers make of the cells of a code, and its variance."""
        middle, noise = 0.5 * (self.device.g_min + self.device.g_max), self.device.read_noise
        w, variance = self.offset, 0.0
        for plane in range(self.planes):
            g = float(self.g[plane, column, row])
            sd = (noise.cv or 0.0) * g + (noise.sd or 0.0)
            if self.jumps.size and self.jumps[plane, column, row]:
                sd = float(np.hypot(sd, self.device.telegraph.jump / 2 * g))
            one = 0.5 * math.erfc(-(g - middle) / (sd * math.sqrt(2.0))) if sd else float(g > middle)
            level = self.gains[plane] * (self.device.g_max - self.device.g_min)
            w += level * one
            variance += level * level * one * (1.0 - one)
        return w, variance

    def store(self, row, column, wanted):
        """Pulse the cells whose bit differs from the nearest code, each once; they may fail to switch."""
        new = min(max(wanted, 0), 2**self.planes - 1)
        changed = self.code(row, column) ^ new
        for plane in range(self.planes):
            if changed >> plane & 1:
                self.pulse_cell(plane, column, row, 1 if new >> plane & 1 else -1)

    def program_digital(self, column, up, rule, spikes):
        """STDP on a column of codes: the step is rounded up with a probability equal to its fraction."""
        lsb = self.lsb()
        for row in self.live[column]:
            code = self.code(row, column)
            self.counts["conductance_read"] += self.level(row, column)
            step = rule.ltp * exp(-rule.decay * (code * lsb + self.offset - rule.low)) if up[row] else -rule.ltd
            block = words(self.seed, ROUND + self.streams, column * self.rows + row, spikes)
            self.store(row, column, code + math.floor(uniform(block[0]) + step / lsb))
            self.settle(row, column)
        self.counts["reads"] += len(self.live[column]) * self.planes
        self.counts["digital_ops"] += 4 * len(self.live[column])

    def tune_digital(self, row, column, target, limit):
        """Write the nearest code and verify; what lies between two codes is known, and counts as written."""
        nearest = math.floor((target - self.offset) / self.lsb() + 0.5)
        new = min(max(nearest, 0), 2**self.planes - 1)
        for write in range(limit + 1):
            self.count_look()
            if self.code(row, column) == new:
                return target
            if write < limit:
                self.store(row, column, new)
        self.counts["missed"] += 1
        return self.offset + self.lsb() * self.code(row, column)
