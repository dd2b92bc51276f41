"""Pulses measured on simulated cells, of which the truth is known."""

import numpy as np

from insitu.devices.response import response_samples
from insitu.measure import pulses


def measured(device, train, *, devices=1, read_sd=0.0, read_cv=0.0, seed=0):
    """Readings of some cells of a device under a train of +1 and -1, each with normal noise read_cv g + read_sd, S."""
    g = response_samples(device, train, n=devices, seed=seed)
    y = g + (read_cv * g + read_sd) * np.random.default_rng(seed + 1000).normal(size=g.shape)
    return pulses(
        np.tile(train, devices),
        y[:, :-1].ravel(),
        y[:, 1:].ravel(),
        device=np.repeat([f"d{i}" for i in range(devices)], len(train)),
        index=np.tile(np.arange(len(train)), devices),
    )


def cycles(up, down, n):
    """n times so many up and then down pulses."""
    return ([1] * up + [-1] * down) * n


def beside(found, name, readings):
    """The same pulses with one more device, of which these were read: (n + 1,), S."""
    mine = found.of == 0
    return pulses(
        np.r_[found.polarity, found.polarity[mine]],
        np.r_[found.before, readings[:-1]],
        np.r_[found.after, readings[1:]],
        device=np.r_[np.array(found.names)[found.of], [name] * int(mine.sum())],
    )


def write_csv(path, found, extra=""):
    """Write pulses as a file of one row a pulse."""
    rows = zip(found.of, found.polarity, found.before, found.after, strict=True)
    lines = ["device_id,pulse_index,polarity,amplitude_V,width_s,g_before_S,g_after_S"]
    count: dict[int, int] = {}
    for of, polarity, before, after in rows:
        count[of] = count.get(of, -1) + 1
        volt = 1.2 if polarity > 0 else -1.5
        lines.append(f"{found.names[of]},{count[of]},{polarity:+d},{volt},1e-7,{float(before)!r},{float(after)!r}")
    path.write_text(extra + "\n".join(lines) + "\n", encoding="utf-8")
    return path
