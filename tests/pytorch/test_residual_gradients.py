"""What arrays with residual additions and normalisation between them are asked for is what PyTorch computes."""

from dataclasses import replace

import numpy as np
import pytest

from insitu.learning.backprop import Neurons
from insitu.networks.convolution import ConvolutionalPerceptron
from insitu.networks.layers import Conv, Dense, Normalise, Pool, Residual, with_weights
from insitu.networks.twin import float_twin

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install insitu[torch]")
F = torch.nn.functional

LAYERS = (
    Conv(8, 3, padding=1),
    Residual([Normalise(), Conv(8, 3, padding=1), Conv(8, 3, padding=1, neurons=False)]),
    Residual(
        [Conv(6, 3, stride=2, padding=1), Conv(6, 1, neurons=False)], shortcut=Conv(6, 1, stride=2, neurons=False)
    ),
    Normalise(groups=2, neurons=True),
    Pool(2),
    Dense(16),
    Residual([Normalise(), Dense(16)]),
    Dense(5),
)


def convolved(x, w, stride=1, padding=0):
    """Sums of x (n, maps, height, width) by an array (size x size x maps + 1, columns), the bias last."""
    size = round(((len(w) - 1) / x.shape[1]) ** 0.5)
    kernel = w[:-1].reshape(size, size, x.shape[1], -1).permute(3, 2, 0, 1)
    return F.conv2d(x, kernel, w[-1], stride, padding)


def loss(x, labels, w):
    """The cross-entropy of a batch, each layer written out."""
    h = F.relu(convolved(x, w[0], padding=1))
    h = h + convolved(F.relu(convolved(F.layer_norm(h, h.shape[1:]), w[1], padding=1)), w[2], padding=1)
    h = convolved(F.relu(convolved(h, w[3], 2, 1)), w[4]) + convolved(h, w[5], 2)
    h = F.max_pool2d(F.relu(F.group_norm(h, 2)), 2)
    h = F.relu(h.permute(0, 2, 3, 1).flatten(1) @ w[6][:-1] + w[6][-1])
    h = h + F.relu(F.layer_norm(h, h.shape[1:]) @ w[7][:-1] + w[7][-1])
    return F.cross_entropy(h @ w[8][:-1] + w[8][-1], labels, reduction="sum")


def test_gradients_of_the_whole_network_are_those_of_pytorch():
    layers = [with_weights(one, lambda one: replace(one, **float_twin())) for one in LAYERS]
    one = ConvolutionalPerceptron((10, 8, 3), layers, neurons=Neurons(), batch=6, seed=2)
    x = np.random.default_rng(0).normal(size=(6, 240)).astype(np.float32)
    labels = np.arange(6) % 5
    before = [array.values.copy() for array in one.layers]
    weights = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in before]
    images = torch.tensor(x, dtype=torch.float64).reshape(6, 10, 8, 3).permute(0, 3, 1, 2)
    loss(images, torch.tensor(labels), weights).backward()
    one.learn(x, labels, 0.25)
    for array, w, of in zip(one.layers, before, weights, strict=True):
        slope = -of.grad.numpy()
        assert np.abs(slope).max() > 1e-3
        np.testing.assert_allclose((array.values - w) / 0.25, slope, atol=1e-4 * max(1, np.abs(slope).max()))
