"""Models of PyTorch in arrays, against PyTorch itself."""

import copy
import io
import pickle

import numpy as np
import pytest
from sklearn.datasets import load_digits

import insitu
from insitu.errors import InputError
from insitu.schemes import BlindPulses, Exact, MixedPrecision, TikiTaka

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install insitu[torch]")
nn = torch.nn
it = pytest.importorskip("insitu.torch")

IDEAL = insitu.load("ideal")
NOISY = insitu.load("yi2022-taox")


class Shown(nn.Module):
    """What a module of several outputs gives first, of one kind of input or of three alike."""

    def __init__(self, one, times=1):
        super().__init__()
        self.one, self.times = one, times

    def forward(self, x):
        found = self.one(*[x] * self.times)
        return found[0] if isinstance(found, tuple) else found


MODELS = {
    "lstm": (lambda: Shown(nn.LSTM(4, 3, num_layers=2, bidirectional=True)), (5, 2, 4)),
    "lstm, projected": (lambda: Shown(nn.LSTM(4, 3, proj_size=2, batch_first=True, bias=False)), (2, 5, 4)),
    "gru": (lambda: Shown(nn.GRU(4, 3, bidirectional=True, batch_first=True)), (2, 5, 4)),
    "rnn": (lambda: Shown(nn.RNN(4, 3, nonlinearity="relu")), (5, 2, 4)),
    "lstm cell": (lambda: Shown(nn.LSTMCell(4, 3)), (5, 4)),
    "gru cell": (lambda: nn.GRUCell(4, 3, bias=False), (5, 4)),
    "attention": (lambda: Shown(nn.MultiheadAttention(4, 2, batch_first=True), 3), (2, 5, 4)),
    "transformer": (
        lambda: nn.TransformerEncoderLayer(4, 2, dim_feedforward=6, dropout=0.0, batch_first=True, norm_first=True),
        (2, 5, 4),
    ),
    "linear": (lambda: nn.Linear(6, 4), (5, 6)),
    "linear of sequences, no bias": (lambda: nn.Linear(6, 4, bias=False), (5, 3, 6)),
    "conv1d": (lambda: nn.Conv1d(3, 4, 3, stride=2, padding=1), (5, 3, 11)),
    "conv2d": (lambda: nn.Conv2d(3, 4, (3, 2), stride=(1, 2), padding=(2, 1), dilation=(2, 1)), (5, 3, 9, 8)),
    "conv2d, valid": (lambda: nn.Conv2d(2, 3, 3, padding="valid", bias=False), (4, 2, 6, 6)),
    "conv3d": (lambda: nn.Conv3d(2, 3, 2, padding=1), (2, 2, 4, 3, 5)),
    "network": (
        lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5)),
        (5, 1, 8, 8),
    ),
}
every_model = pytest.mark.parametrize("name", MODELS)


def made(name, seed=0):
    torch.manual_seed(seed)
    make, shape = MODELS[name]
    return make(), torch.randn(*shape)


def mlp():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def step(model, x):
    """Take a step of gradient descent; return the parameters after it."""
    optimizer = it.Optimizer(model, torch.optim.SGD(model.parameters(), lr=0.5))
    optimizer.zero_grad()
    (model(x) ** 2).mean().backward()
    optimizer.step()
    return [p.detach().clone() for p in model.parameters()]


def from_cells(layer):
    """The weights (inputs and bias, outputs) that the conductances make."""
    array = layer.array.array
    return np.tensordot(array.map.gains, array.g, 1).T


@every_model
@pytest.mark.parametrize("inner", ["sgd", "adam"])
def test_numbers_in_ideal_arrays_are_trained_as_pytorch_trains(name, inner):
    model, x = made(name)
    twin = it.convert(model, IDEAL, scheme=Exact(), headroom=100)
    kinds = {"sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), "adam": lambda p: torch.optim.Adam(p, lr=0.01)}
    plain, ours = kinds[inner](model.parameters()), it.Optimizer(twin, kinds[inner](twin.parameters()))
    wanted = torch.randn_like(model(x))
    for _ in range(4):
        given = x.clone().requires_grad_(), x.clone().requires_grad_()
        for one, inputs, optimizer in ((model, given[0], plain), (twin, given[1], ours)):
            optimizer.zero_grad()
            ((one(inputs) - wanted) ** 2).mean().backward()
            optimizer.step()
        torch.testing.assert_close(given[1].grad, given[0].grad, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(twin(x), model(x), rtol=1e-4, atol=1e-5)
    own = {key: value.shape for key, value in twin.state_dict().items() if not key.endswith("_extra_state")}
    assert own == {key: value.shape for key, value in model.state_dict().items()}


@every_model
@pytest.mark.parametrize("scheme", [BlindPulses(), MixedPrecision()], ids=["pulses of the array", "a matrix"])
def test_parameters_are_the_weights_of_the_cells_and_pulses_move_them(name, scheme):
    model, x = made(name)
    twin = it.convert(model, insitu.load("gokmen2016-rpu"), scheme=scheme)
    optimizer = it.Optimizer(twin, torch.optim.SGD(twin.parameters(), lr=0.5))
    before = [p.detach().clone() for p in twin.parameters()]
    for _ in range(5):
        optimizer.zero_grad()
        (twin(x) ** 2).mean().backward()
        optimizer.step()
    assert optimizer.stack.counts.pulses > 0
    assert optimizer.stack.shown == 5 * len(x)
    for layer in optimizer.layers:
        np.testing.assert_array_equal(layer.weight.detach().flatten(1).T.numpy(), layer.array.values[: layer.inputs])
        own = from_cells(layer)
        np.testing.assert_allclose(layer.array.values, own, atol=1e-5 * np.abs(own).max())
    assert any((p.detach() != b).any() for p, b in zip(twin.parameters(), before, strict=True))


def test_reads_have_noise_when_learning_and_the_same_answer_when_asked_again():
    model, x = made("network")
    twin = it.convert(model, NOISY, chip=insitu.Chip(output_noise=0.05, adc_bits=8, dac_bits=7))
    assert (twin(x) != twin(x)).any()
    twin.eval()
    with torch.no_grad():
        first = twin(x)
        torch.testing.assert_close(twin(x), first, rtol=0, atol=0)
        torch.testing.assert_close(twin(x[2:3]), first[2:3], rtol=1e-5, atol=1e-6)
    stack = it.stack_of(twin)
    assert stack.counts.reads > 0
    assert stack.heard.reads > 0


@pytest.mark.parametrize(
    ("device", "scheme", "momentum"),
    [("gokmen2016-rpu", BlindPulses(), 0.0), ("gokmen2016-rpu", TikiTaka(), 0.0), ("ideal", None, 0.9)],
    ids=["blind pulses", "Tiki-Taka", "mixed precision"],
)
def test_it_reads_digits(device, scheme, momentum):
    images, labels = load_digits(return_X_y=True)
    x, y = torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)
    model = it.convert(mlp(), insitu.load(device), scheme=scheme)
    optimizer = it.Optimizer(model, torch.optim.SGD(model.parameters(), lr=0.1, momentum=momentum))
    for _ in range(10):
        for some in torch.arange(1200).split(16):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[some]), y[some]).backward()
            optimizer.step()
    with torch.no_grad():
        assert (model.eval()(x[1200:]).argmax(1) == y[1200:]).float().mean() > 0.8


@every_model
def test_copies_go_on_bit_for_bit(name):
    model, x = made(name)
    twin = it.convert(model, NOISY)
    step(twin, x)
    copies = [copy.deepcopy(twin), pickle.loads(pickle.dumps(twin))]
    expected = step(twin, x)
    for one in copies:
        for found, value in zip(step(one, x), expected, strict=True):
            torch.testing.assert_close(found, value, rtol=0, atol=0)


def test_a_state_dict_goes_on_bit_for_bit():
    model, x = made("network")
    twin, other = it.convert(model, NOISY), it.convert(model, NOISY)
    step(twin, x)
    file = io.BytesIO()
    torch.save(twin.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True))
    for found, value in zip(step(other, x), step(twin, x), strict=True):
        torch.testing.assert_close(found, value, rtol=0, atol=0)


def test_weights_of_a_model_in_software_are_put_into_cells():
    model, x = made("network")
    twin, other = it.convert(model, IDEAL), made("network", seed=1)[0]
    twin.load_state_dict(other.state_dict())
    torch.testing.assert_close(twin(x), other(x), rtol=1e-3, atol=1e-3)
    layer = next(one for one in twin.modules() if isinstance(one, it.ArrayLayer))
    found = layer.weight.detach().flatten(1).T.numpy()
    np.testing.assert_allclose(found, from_cells(layer)[: layer.inputs], atol=1e-6)


def test_a_layer_that_is_used_twice_is_one_array():
    shared = nn.Linear(4, 4)
    twin = it.convert(nn.Sequential(shared, nn.Tanh(), shared), IDEAL)
    assert twin[0] is twin[2]
    assert len(it.stack_of(twin).layers) == 1


def test_what_cannot_be_an_array_is_named():
    model = nn.Sequential(nn.Linear(4, 4), nn.Embedding(4, 4), nn.LSTM(4, 4), nn.Conv1d(4, 4, 1, groups=2))
    with pytest.warns(UserWarning, match=r"left in software: 1 \(Embedding\), 3 \(Conv1d\)"):
        it.convert(model, IDEAL)
    with pytest.raises(InputError, match=r"model: 1 \(Embedding\), 3 \(Conv1d\) cannot be in arrays"):
        it.convert(model, IDEAL, strict=True)
    assert len(it.stack_of(it.convert(model, IDEAL, layers=["0"])).layers) == 1
    with pytest.raises(InputError, match=r"layers: no layer '00' that can be an array; did you mean '0'"):
        it.convert(model, IDEAL, layers=["00"])
    with pytest.raises(InputError, match="model: has no layer that can be an array"):
        it.convert(nn.ReLU(), IDEAL)
    with pytest.raises(InputError, match="model: holds no arrays; convert it first"):
        it.Optimizer(mlp(), torch.optim.SGD(mlp().parameters(), lr=0.1))


def test_what_would_not_work_is_refused():
    model = it.convert(mlp(), NOISY, scheme=BlindPulses())
    with pytest.raises(InputError, match="BlindPulses forms outer products in the array, which add up nowhere"):
        it.Optimizer(model, torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
    with pytest.raises(InputError, match="inner: does not hold all parameters of the converted model"):
        it.Optimizer(model, torch.optim.SGD(mlp().parameters(), lr=0.1))
    for change in (model.half, lambda: model.to("meta")):
        with pytest.raises(InputError, match="cells are kept on the CPU in float32"):
            change()
    assert model.to("cpu") is model


@pytest.mark.parametrize("scheme", [BlindPulses(), MixedPrecision()], ids=["pulses of the array", "a matrix"])
def test_what_is_frozen_stays_so(scheme):
    model = nn.Sequential(nn.LSTM(4, 3), Shown(nn.Identity()), nn.Linear(3, 2))
    model[0].requires_grad_(False)
    twin = it.convert(model, insitu.load("gokmen2016-rpu"), scheme=scheme)
    for one in (twin, copy.deepcopy(twin), pickle.loads(pickle.dumps(twin))):
        assert [p.requires_grad for p in one.parameters()] == [p.requires_grad for p in model.parameters()]
    optimizer = it.Optimizer(twin, torch.optim.SGD([p for p in twin.parameters() if p.requires_grad], lr=0.5))
    before = [layer.array.values.copy() for layer in optimizer.layers]
    for _ in range(5):
        optimizer.zero_grad()
        (twin(torch.ones(2, 3, 4)) - 1).pow(2).mean().backward()
        optimizer.step()
    moved = [(layer.array.values != old).any() for layer, old in zip(optimizer.layers, before, strict=True)]
    assert moved == [False, False, True]


def test_what_would_be_lost_is_left_or_refused():
    class Own(nn.Conv2d):
        def forward(self, x):
            return 2 * super().forward(x)

    hooked = nn.Linear(4, 4)
    hooked.register_forward_hook(lambda *_: None)
    with pytest.warns(UserWarning, match=r"left in software: 0 \(Own\), 1 \(Linear\)"):
        it.convert(nn.Sequential(Own(1, 2, 3), hooked, nn.Linear(4, 4)), IDEAL)
    tied = nn.Sequential(nn.Embedding(4, 4), nn.Linear(4, 4))
    tied[1].weight = tied[0].weight
    with pytest.raises(InputError, match="model: '0' and '1' share a parameter"):
        it.convert(tied, IDEAL)
    model = it.convert(mlp(), NOISY, scheme=BlindPulses())
    with pytest.raises(InputError, match="without momentum, weight_decay, maximize"):
        it.Optimizer(model, torch.optim.SGD(model.parameters(), lr=0.1, maximize=True))


def test_examples_are_counted_however_they_are_given():
    model = it.convert(nn.LSTM(4, 3), IDEAL)
    optimizer = it.Optimizer(model, torch.optim.SGD(model.parameters(), lr=0.1))
    model(torch.ones(2, 5, 4))
    model(input=torch.ones(2, 5, 4))
    model(nn.utils.rnn.pack_sequence([torch.ones(2, 4)] * 3))
    optimizer.step()
    assert optimizer.stack.shown == 2 + 2 + 3
