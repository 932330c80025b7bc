"""The network in MXNet's Gluon: PyTorch's shapes and orders, other names, explicit hybridising."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

IMAGE, AUDIO, WIDTH = (1, 16, 32, 64, 32), (1, 8, 16, 32, 64), 32


class Block(nn.HybridBlock):
    """A convolution with stride 2, a normalisation over the channels, a ReLU."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.convolution = nn.Conv2D(outputs, 3, strides=2, padding=1, in_channels=inputs)
        self.norm = nn.LayerNorm(axis=1, in_channels=outputs)  # which axis can be said

    def hybrid_forward(self, F, x):
        return F.relu(self.norm(self.convolution(x)))


class Encoder(nn.HybridBlock):
    """Four blocks; x: (batch, channels, height, width)."""

    def __init__(self, channels):
        super().__init__()
        self.blocks = nn.HybridSequential()
        self.blocks.add(*map(Block, channels, channels[1:]))


class Eye(Encoder):
    def hybrid_forward(self, F, image):
        return self.blocks(image).reshape((0, 0, -1)).swapaxes(1, 2)  # 0: as it was


class Ear(Encoder):
    def __init__(self, channels):
        super().__init__(channels)
        self.project = nn.Dense(WIDTH, flatten=False, in_units=64 * 3)  # it flattens by default

    def hybrid_forward(self, F, audio):
        x = self.blocks(audio.expand_dims(1)).swapaxes(1, 2)  # (batch, 2, 64, 3)
        return self.project(x.reshape((0, 0, -1)))


class Network(nn.HybridBlock):
    """Scores of ten digits, (batch, 10), for pictures and spectrograms."""

    def __init__(self):
        super().__init__()
        self.senses = {"image": Eye(IMAGE), "audio": Ear(AUDIO)}
        self.parts = {}
        for sense, encoder in self.senses.items():
            self.register_child(encoder, f"encoders.{sense}")
            for kind in ("keys", "values"):
                self.parts[kind, sense] = nn.Dense(WIDTH, flatten=False, in_units=WIDTH)
                self.register_child(self.parts[kind, sense], f"fusion.{kind}.{sense}")
        self.question = self.params.get("question", shape=(WIDTH,))
        self.classifier = nn.Dense(10, in_units=WIDTH)

    def hybrid_forward(self, F, image, audio, question):
        tokens = {"image": self.senses["image"](image), "audio": self.senses["audio"](audio)}
        keys = F.concat(*(self.parts["keys", m](x) for m, x in tokens.items()), dim=1)
        values = F.concat(*(self.parts["values", m](x) for m, x in tokens.items()), dim=1)
        weights = F.softmax(F.dot(keys, question) / WIDTH**0.5, axis=1)  # (batch, 6)
        ones, zeros = F.ones(WIDTH), F.zeros(WIDTH)
        values = F.LayerNorm(values, ones, zeros)
        read = F.broadcast_mul(F.expand_dims(weights, 2), values)  # `*` wants equal shapes
        return self.classifier(F.sum(read, axis=1))


def held(network):
    """The parameters by the names of the checkpoint."""
    named = network._collect_params_with_prefix()
    other = {"question": "fusion.question", "gamma": "weight", "beta": "bias"}
    parts = {name: name.rpartition(".") for name in named}
    return {"".join((a, dot, other.get(b, b))): named[name] for name, (a, dot, b) in parts.items()}


def build(weights: dict[str, np.ndarray]):
    network = Network()
    network.initialize()
    for name, parameter in held(network).items():
        parameter.set_data(nd.array(weights[name]))
    network.hybridize(static_alloc=True, static_shape=True)
    return network


def logits(network, image, audio) -> np.ndarray:
    return network(nd.array(image), nd.array(audio)).asnumpy()


def backward(network, image, audio, labels):
    """Put the gradients of the *sum* of the losses into the parameters; returns each loss."""
    with autograd.record():
        losses = gluon.loss.SoftmaxCrossEntropyLoss()(network(image, audio), labels)
    losses.backward()
    return losses


def gradients(network, image, audio, labels) -> dict[str, np.ndarray]:
    backward(network, *map(nd.array, (image, audio, labels)))
    return {n: p.grad().asnumpy() / len(labels) for n, p in held(network).items()}


def trainer(network, image, audio, labels, rate: float):
    optimiser = gluon.Trainer(network.collect_params(), "sgd", {"learning_rate": rate})
    batch = [nd.array(x) for x in (image, audio, labels)]

    def step() -> float:
        losses = backward(network, *batch)
        optimiser.step(len(labels))  # divides the gradients by the batch
        mx.nd.waitall()  # MXNet computes while Python goes on
        return float(losses.mean().asscalar())

    return step
