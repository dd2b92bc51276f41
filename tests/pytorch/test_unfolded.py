"""Recurrent modules and attention of PyTorch with their matrices in arrays, against PyTorch itself."""

import numpy as np
import pytest

import insitu
from insitu.errors import InputError
from insitu.schemes import BlindPulses, Exact

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install insitu[torch]")
nn = torch.nn
it = pytest.importorskip("insitu.torch")

IDEAL = insitu.load("ideal")


def both(model):
    """The model, and one with its matrices in arrays of numbers."""
    return model, it.convert(model, IDEAL, scheme=Exact(), headroom=100)


def assert_alike(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("sorted_before", [True, False])
def test_sequences_of_unequal_length(kind, sorted_before):
    torch.manual_seed(0)
    lengths = [5, 3, 1] if sorted_before else [1, 5, 3]
    x = nn.utils.rnn.pack_padded_sequence(torch.randn(5, 3, 4), lengths, enforce_sorted=sorted_before)
    states = torch.randn(2, 4, 3, 3)
    for one, other in [both(kind(4, 3, num_layers=2, bidirectional=True))]:
        hx = tuple(states) if kind is nn.LSTM else states[0]
        for given in (None, hx):
            (found, last), (expected, end) = other(x, given), one(x, given)
            assert_alike(nn.utils.rnn.pad_packed_sequence(found)[0], nn.utils.rnn.pad_packed_sequence(expected)[0])
            assert_alike(last, end)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_one_sequence_alone(kind, batch_first):
    torch.manual_seed(1)
    one, other = both(kind(4, 3, batch_first=batch_first))
    for name in ("input_size", "hidden_size", "num_layers", "bidirectional", "batch_first", "dropout"):
        assert getattr(other, name) == getattr(one, name)
    hx = (torch.randn(1, 3), torch.randn(1, 3)) if kind is nn.LSTM else torch.randn(1, 3)
    x = torch.randn(5, 4)
    assert_alike(other(x, hx), one(x, hx))


@pytest.mark.parametrize("kind", [nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_a_step_of_a_cell(kind):
    torch.manual_seed(2)
    one, other = both(kind(4, 3))
    x, h = torch.randn(2, 4), torch.randn(2, 3)
    assert_alike(other(x, (h, h) if kind is nn.LSTMCell else h), one(x, (h, h) if kind is nn.LSTMCell else h))
    assert_alike(other(x[0]), one(x[0]))


def test_states_that_do_not_fit_are_refused():
    other = both(nn.LSTM(4, 3))[1]
    with pytest.raises(InputError, match=r"hx: got states of the shapes .*; allowed are \[\(1, 2, 3\), \(1, 2, 3\)\]"):
        other(torch.zeros(5, 2, 4), (torch.zeros(1, 2, 4), torch.zeros(1, 2, 4)))


@pytest.mark.parametrize(
    "options", [{}, {"kdim": 6, "vdim": 3}, {"add_bias_kv": True, "bias": False}, {"add_zero_attn": True}]
)
def test_attention_of_other_keys_with_masks(options):
    torch.manual_seed(3)
    one, other = both(nn.MultiheadAttention(4, 2, **options))
    query = torch.randn(3, 2, 4)
    key, value = torch.randn(5, 2, options.get("kdim", 4)), torch.randn(5, 2, options.get("vdim", 4))
    hidden = torch.tensor([[False] * 4 + [True], [False] * 5])
    masks = {"attn_mask": torch.ones(3, 5).tril().log(), "key_padding_mask": hidden.float() * -1e9}
    for more in ({}, {"need_weights": False}, {"average_attn_weights": False}, masks):
        assert_alike(other(query, key, value, **more), one(query, key, value, **more))


def test_states_go_into_pytorch_and_back():
    torch.manual_seed(4)
    model = nn.ModuleList([nn.LSTM(4, 3, bidirectional=True), nn.GRUCell(4, 3), nn.MultiheadAttention(4, 2)])
    twin = both(model)[1]
    fresh = nn.ModuleList([nn.LSTM(4, 3, bidirectional=True), nn.GRUCell(4, 3), nn.MultiheadAttention(4, 2)])
    extra = fresh.load_state_dict(twin.state_dict(), strict=False)
    assert not extra.missing_keys
    assert all("_extra_state" in key for key in extra.unexpected_keys)
    for name, value in model.state_dict().items():
        torch.testing.assert_close(fresh.state_dict()[name], value, rtol=0, atol=1e-6)
    other = both(fresh)[1]
    other.load_state_dict({name: 2 * value for name, value in model.state_dict().items()})
    assert_alike(other[1](torch.ones(1, 4)), _doubled(model[1])(torch.ones(1, 4)))
    assert len(it.stack_of(twin).layers) == 2 * 2 + 2 + 4


def _doubled(cell):
    cell.load_state_dict({name: 2 * value for name, value in cell.state_dict().items()})
    return cell


@pytest.mark.parametrize("layers", [None, ["layers.0.linear1"]])
def test_transformers_listen_through_their_arrays(layers):
    torch.manual_seed(5)
    layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    model = nn.TransformerEncoder(layer, 2).eval()
    x, hidden = torch.randn(2, 5, 8), torch.tensor([[False] * 4 + [True], [False] * 5])
    with torch.no_grad():
        twin = it.convert(model, IDEAL, scheme=Exact(), headroom=100, layers=layers)
        shown = ~hidden
        torch.testing.assert_close(
            twin(x, src_key_padding_mask=hidden)[shown], model(x, src_key_padding_mask=hidden)[shown]
        )
        assert it.stack_of(twin).heard.reads > 0
        noisy = it.convert(
            model, IDEAL, scheme=Exact(), headroom=100, layers=layers, chip=insitu.Chip(output_noise=0.1)
        )
        assert (noisy(x) - model(x)).abs().max() > 1e-3


def test_pulses_teach_an_lstm_to_remember():
    torch.manual_seed(6)

    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.out = nn.LSTM(2, 16), nn.Linear(16, 2)

        def forward(self, x):
            return self.out(self.lstm(x)[0][-1])

    model = it.convert(Last(), insitu.load("gokmen2016-rpu"), scheme=BlindPulses())
    optimizer = it.Optimizer(model, torch.optim.SGD(model.parameters(), lr=1.0))
    rng = np.random.default_rng(0)
    first = torch.tensor(rng.integers(0, 2, 1024))  # which of two lines had the first pulse; noise on both follows
    x = torch.tensor(rng.uniform(0, 0.3, (4, 1024, 2)), dtype=torch.float32)
    x[0] += nn.functional.one_hot(first, 2)
    for some in torch.arange(896).split(16) * 3:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[:, some]), first[some]).backward()
        optimizer.step()
    with torch.no_grad():
        right = (model.eval()(x[:, 896:]).argmax(1) == first[896:]).float().mean()
    assert right > 0.95
    assert optimizer.stack.counts.pulses > 0
