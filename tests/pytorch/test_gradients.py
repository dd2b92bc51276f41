"""What is done to gradients and rates reaches the outer products that an array forms; inputs that do not fit are named."""

import copy
import pickle

import numpy as np
import pytest

import insitu
from insitu.errors import InputError
from insitu.schemes import BlindPulses, MixedPrecision, TikiTaka

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install insitu[torch]")
nn = torch.nn
it = pytest.importorskip("insitu.torch")

RPU = insitu.load("gokmen2016-rpu")


def dense(scheme=None, rates=(0.5, 0.5)):
    """A layer of 40 x 30, its optimizer, of a rate for weights and one for biases."""
    torch.manual_seed(0)
    model = it.convert(nn.Linear(40, 30), RPU, scheme=scheme or BlindPulses())
    groups = [{"params": [one], "lr": rate} for one, rate in zip((model.weight, model.bias), rates, strict=True)]
    return model, it.Optimizer(model, torch.optim.SGD(groups, lr=0.1))


def backward(model, optimizer):
    optimizer.zero_grad()
    (model(torch.linspace(-1, 1, 16 * 40).reshape(16, 40)) ** 2).sum().backward()


@pytest.mark.parametrize("scheme", [BlindPulses(), MixedPrecision()], ids=["pulses of the array", "a matrix"])
def test_gradients_are_those_of_pytorch(scheme):
    model, optimizer = dense(scheme)
    x = torch.linspace(-1, 1, 16 * 40).reshape(16, 40)
    backward(model, optimizer)
    error = 2 * (x @ model.weight.detach().T + model.bias.detach())
    torch.testing.assert_close(model.weight.grad, error.T @ x, rtol=1e-3, atol=1e-2)
    torch.testing.assert_close(model.bias.grad, error.sum(0), rtol=1e-3, atol=1e-2)


def test_a_clipped_norm_asks_for_fewer_pulses():
    pulses, operations = [], []
    for part in (None, 2.0, 0.5, 1e-9):
        model, optimizer = dense(rates=(1e-3, 1e-3))
        backward(model, optimizer)
        norm = float(nn.utils.clip_grad_norm_(model.parameters(), 1e9)) if part == 2.0 else None
        if part not in (None, 2.0):
            norm = float(torch.cat([one.grad.flatten() for one in model.parameters()]).norm())
            nn.utils.clip_grad_norm_(model.parameters(), part * norm)
        optimizer.step()
        pulses.append(optimizer.stack.counts.pulses)
        operations.append(optimizer.stack.counts.digital_ops)
    whole, same, half, none = pulses
    assert same == whole > 100
    assert 0.4 * whole < half < 0.6 * whole
    assert none == 0
    assert operations[0] == 0
    assert operations[1:] == [2 * 16 * 41 * 30] * 3  # the norm wants the products


def forget(model, optimizer, how):
    if how == "the optimizer":
        optimizer.zero_grad()
    elif how == "none":
        for one in model.parameters():
            one.grad = None
    else:
        model.zero_grad(set_to_none=how == "the model")


@pytest.mark.parametrize("how", ["the optimizer", "the model", "the model, to zeros", "none"])
def test_gradients_that_were_forgotten_ask_for_nothing(how):
    cells = []
    for passes in (1, 3):
        model, optimizer = dense(rates=(1e-3, 1e-3))
        for _ in range(passes):
            forget(model, optimizer, how)
            (model(torch.linspace(-1, 1, 16 * 40).reshape(16, 40)) ** 2).sum().backward()
        assert sum(len(d) for _, d in model.asked) == 16
        optimizer.step()
        cells.append(model.array.array.g.copy())
    np.testing.assert_array_equal(*cells)


def test_one_gradient_may_be_forgotten_alone():
    model, optimizer = dense(rates=(1e-3, 1e-3))
    backward(model, optimizer)
    model.bias.grad = None
    (model(torch.ones(4, 40)) ** 2).sum().backward()
    (before, _), (new, _) = model.asked
    assert (before[:, -1] == 0).all()
    assert before[:, :-1].any()
    assert (new == 1).all()


def test_what_was_clipped_stays_clipped_when_more_is_added():
    model, optimizer = dense(rates=(1e-3, 1e-3))
    backward(model, optimizer)
    kept = model.asked[0][0].copy()
    norm = float(nn.utils.clip_grad_norm_(model.parameters(), 1e9))
    nn.utils.clip_grad_norm_(model.parameters(), norm / 4)
    (model(torch.ones(4, 40)) ** 2).sum().backward()
    np.testing.assert_allclose(model.asked[0][0], kept / 4, rtol=1e-4)
    assert len(model.asked[1][0]) == 4


def test_other_changes_of_a_gradient_are_refused_in_a_sentence():
    model, optimizer = dense()
    backward(model, optimizer)
    nn.utils.clip_grad_value_(model.parameters(), 0.1)
    with pytest.raises(InputError, match=r"model: its gradient was changed .* BlindPulses .* clip_grad_norm_"):
        optimizer.step()


@pytest.mark.parametrize("scheme", [BlindPulses(), TikiTaka(every=2)], ids=["blind pulses", "Tiki-Taka"])
def test_biases_have_a_rate_of_their_own(scheme):
    def moved(rates):
        model, optimizer = dense(scheme, rates)
        before = model.array.learning.g.copy()
        for _ in range(5):
            backward(model, optimizer)
            optimizer.step()
        changed = (model.array.learning.g != before).any(axis=(0, 1))
        return bool(changed[:-1].any()), bool(changed[-1])

    assert moved((0.5, 0.5)) == (True, True)
    assert moved((0.5, 0.0)) == (True, False)
    assert moved((0.0, 0.5)) == (False, True)


def test_rates_of_biases_are_in_proportion():
    pulses = []
    for rate in (1e-3, 2e-3):
        model, optimizer = dense(rates=(0.0, rate))
        backward(model, optimizer)
        optimizer.step()
        pulses.append(optimizer.stack.counts.pulses)
    assert pulses[0] > 20
    assert 1.5 * pulses[0] < pulses[1] < 2.5 * pulses[0]


def test_a_frozen_bias_stays_under_pulses():
    model = it.convert(nn.Linear(40, 30), RPU, scheme=BlindPulses())
    model.bias.requires_grad_(False)
    optimizer = it.Optimizer(model, torch.optim.SGD([model.weight], lr=0.5))
    before = model.bias.detach().clone()
    backward(model, optimizer)
    optimizer.step()
    assert optimizer.stack.counts.pulses > 0
    torch.testing.assert_close(model.bias.detach(), before, rtol=0, atol=0)


SHAPES = {
    "width": (lambda: nn.Linear(6, 4), (5, 7), r"\(5, 7\); allowed is \(\.\.\., 6\)"),
    "that divides": (lambda: nn.Linear(6, 4), (4, 3), r"\(4, 3\); allowed is \(\.\.\., 6\)"),
    "number": (lambda: nn.Linear(6, 4), (), r"\(\); allowed is \(\.\.\., 6\)"),
    "channels": (lambda: nn.Conv2d(3, 4, 3), (2, 1, 8, 8), r"\(2, 1, 8, 8\); allowed is \(n, 3, >= 3, >= 3\)"),
    "too small": (lambda: nn.Conv2d(3, 4, 5, padding=1), (2, 3, 8, 2), r"allowed is \(n, 3, >= 3, >= 3\)"),
    "axes": (lambda: nn.Conv1d(3, 4, 3), (2, 2, 3, 8), r"\(2, 2, 3, 8\); allowed is \(n, 3, >= 3\), or one without n"),
    "sequences": (lambda: nn.LSTM(4, 3), (5, 2, 6), r"': got an input of the shape \(5, 2, 6\); allowed is \(.*, 4\)"),
    "axes of sequences": (lambda: nn.GRU(4, 3), (4,), r"': got an input of the shape \(4,\); allowed is \(.*, 4\)"),
    "a step": (lambda: nn.LSTMCell(4, 3), (2, 5), r"gates.ih': got an input of the shape \(2, 5\); allowed is .* 4\)"),
    "queries": (lambda: nn.MultiheadAttention(4, 2), (5, 2, 3), r"q_proj': got an input of the shape \(5, 2, 3\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_an_input_that_does_not_fit_is_named_with_its_module(name):
    make, shape, words = SHAPES[name]
    model = it.convert(nn.Sequential(make()), RPU)
    for one in (model, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        x = torch.zeros(shape)
        with pytest.raises(InputError, match=r"module '0.*" + words):
            one[0](x, x, x) if isinstance(make(), nn.MultiheadAttention) else one(x)


CONVOLUTIONS = [
    ((2, 3, 11), (3,), (2,), (1,), (1,)),
    ((2, 3, 9, 8), (3, 2), (1, 2), (2, 1), (2, 1)),
    ((2, 3, 8, 8), (3, 3), (2, 2), (1, 1), (1, 1)),
    ((2, 3, 8, 8), (3, 3), (1, 1), (1, 1), (1, 1)),
    ((2, 2, 4, 5, 6), (2, 3, 3), (1, 2, 1), (1, 0, 1), (1, 1, 1)),
]


@pytest.mark.parametrize(("shape", "size", "stride", "padding", "gap"), CONVOLUTIONS)
@pytest.mark.parametrize("last", [False, True], ids=["channels first in memory", "last"])
def test_patches_are_those_of_pytorch_to_the_bit(shape, size, stride, padding, gap, last):
    from insitu.torch.patches import Patches, geometry

    torch.manual_seed(0)
    x, axes = torch.randn(shape), len(size)
    x = (x.movedim(1, -1).contiguous().movedim(-1, 1) if last else x).requires_grad_()
    cut = nn.functional.pad(x, [side for one in reversed(padding) for side in (one, one)])
    for axis in range(axes):
        cut = cut.unfold(2 + axis, gap[axis] * (size[axis] - 1) + 1, stride[axis])[..., :: gap[axis]]
    sizes = list(cut.shape[2 : 2 + axes])
    expected = cut.movedim(1, 1 + axes).reshape(-1, shape[1] * int(np.prod(size)))
    found = Patches.apply(x, geometry(size, stride, padding, gap), sizes)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)
    back = torch.randn(expected.shape)
    wanted, got = (torch.autograd.grad(one, x, back)[0] for one in (expected, found))
    torch.testing.assert_close(got, wanted, rtol=0, atol=0)
