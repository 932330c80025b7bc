"""What frameworks do where nothing is said: the same question to each, the answer a number.

Each function imports its framework itself, as no environment has all of them.
"""

from __future__ import annotations

import numpy as np

PICTURE = np.arange(1, 17, dtype=np.float32).reshape(4, 4)  # 1 to 16
CLOSE = np.array([[0.0, 0.01]], np.float32)  # what a normalisation has to tell apart
SCORES, LABELS = np.array([[2.0, 0.0], [0.0, 1.0]], np.float32), np.array([0, 0])
ONES = np.ones((8, 2), np.float32)


def torch(weights: dict[str, np.ndarray], x: np.ndarray) -> dict:
    import torch as t
    from torch import nn

    with t.no_grad():
        conv = t.conv2d(t.tensor(PICTURE)[None, None], t.ones(1, 1, 3, 3), stride=2, padding=1)
        batch = nn.BatchNorm1d(2)
        batch(t.tensor(ONES))
        gru = nn.GRU(96, 48, batch_first=True)
        gru.load_state_dict({f"{kind}_l0": t.tensor(w) for kind, w in weights.items()})
        scores, labels = t.tensor(SCORES), t.tensor(LABELS)
        return {
            "convolution": float(conv[0, 0, 0, 0]),
            "convolution weight": list(nn.Conv2d(3, 8, 5).weight.shape),
            "linear weight": list(nn.Linear(6, 2).weight.shape),
            "layer norm": float(nn.LayerNorm(2)(t.tensor(CLOSE))[0, 1]),
            "batch norm": float(batch.running_mean[0]),
            "gelu": float(nn.functional.gelu(t.tensor(-1.0))),
            "loss": np.ravel(nn.functional.cross_entropy(scores, labels)).tolist(),
            "linear start": float(nn.Linear(1000, 1000).weight.std()),
            "gru states": gru(t.tensor(x))[0].numpy(),
        }


def tensorflow(weights: dict[str, np.ndarray], x: np.ndarray) -> dict:
    import tensorflow as tf

    picture = tf.constant(PICTURE)[None, ..., None]
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, SCORES)
    conv = tf.nn.conv2d(picture, tf.ones((3, 3, 1, 1)), strides=2, padding="SAME")
    return {
        "convolution": float(conv[0, 0, 0, 0]),
        "gelu": float(tf.nn.gelu(tf.constant(-1.0))),
        "loss": loss.numpy().tolist(),
    }


def keras(weights: dict[str, np.ndarray], x: np.ndarray) -> dict:
    import keras as k

    def order(w: np.ndarray) -> np.ndarray:  # gates r, z, n to z, r, n, which comes first in Keras
        reset, update, new = np.split(w, 3)
        return np.concatenate([update, reset, new])

    def states(change) -> np.ndarray:
        gru = k.layers.GRU(48, return_sequences=True)
        gru.build(x.shape)
        biases = np.stack([change(weights["bias_ih"]), change(weights["bias_hh"])])
        gru.set_weights([change(weights["weight_ih"]).T, change(weights["weight_hh"]).T, biases])
        return np.array(gru(x))

    conv = k.layers.Conv2D(1, 3, strides=2, padding="same", kernel_initializer="ones")
    linear, wide = k.layers.Dense(2), k.layers.Dense(1000)
    linear.build((None, 6))
    wide.build((None, 1000))
    colour = k.layers.Conv2D(8, 5)
    colour.build((None, 9, 9, 3))
    batch = k.layers.BatchNormalization()
    batch(ONES, training=True)
    crossed = k.losses.SparseCategoricalCrossentropy()
    logits = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    return {
        "convolution": float(conv(PICTURE[None, ..., None])[0, 0, 0, 0]),
        "convolution weight": list(colour.kernel.shape),
        "linear weight": list(linear.kernel.shape),
        "layer norm": float(k.layers.LayerNormalization()(CLOSE)[0, 1]),
        "batch norm": float(batch.moving_mean[0]),
        "gelu": float(k.activations.gelu(np.float32(-1))),
        "gelu of ops": float(k.ops.gelu(np.float32(-1))),
        "loss": [float(logits(LABELS, SCORES))],
        "loss unless said": [float(crossed(LABELS, SCORES))],
        "linear start": float(np.std(np.array(wide.kernel))),
        "gru states": states(order),
        "gru states copied": states(lambda w: w),
    }


def jax(weights: dict[str, np.ndarray], x: np.ndarray) -> dict:
    import jax as j
    from jax import lax

    picture, kernel = PICTURE[None, None], np.ones((1, 1, 3, 3), np.float32)
    return {
        "convolution": float(lax.conv(picture, kernel, (2, 2), "SAME")[0, 0, 0, 0]),
        "layer norm": float(j.nn.standardize(CLOSE)[0, 1]),
        "gelu": float(j.nn.gelu(-1.0)),
        "gru states": np.asarray(_jax_gru(weights, x)),
    }


def _jax_gru(weights: dict[str, np.ndarray], x: np.ndarray):
    """The recurrence by hand, as PyTorch writes it."""
    import jax as j
    import jax.numpy as jnp

    def step(h, read):
        r, z, n = jnp.split(read @ weights["weight_ih"].T + weights["bias_ih"], 3, axis=-1)
        hr, hz, hn = jnp.split(h @ weights["weight_hh"].T + weights["bias_hh"], 3, axis=-1)
        reset, update = j.nn.sigmoid(r + hr), j.nn.sigmoid(z + hz)
        h = update * h + (1 - update) * jnp.tanh(n + reset * hn)
        return h, h

    states = j.lax.scan(step, jnp.zeros((len(x), 48)), x.swapaxes(0, 1))[1]
    return states.swapaxes(0, 1)


def mxnet(weights: dict[str, np.ndarray], x: np.ndarray) -> dict:
    import mxnet as mx
    from mxnet import autograd, nd
    from mxnet.gluon import nn, rnn
    from mxnet.gluon.loss import SoftmaxCrossEntropyLoss

    conv = nn.Conv2D(1, 3, strides=2, padding=1, in_channels=1, weight_initializer=mx.init.One())
    colour, linear = nn.Conv2D(8, 5, in_channels=3), nn.Dense(2, in_units=6)
    wide, norm, batch = nn.Dense(1000, in_units=1000), nn.LayerNorm(in_channels=2), nn.BatchNorm()
    gru = rnn.GRU(48, layout="NTC", input_size=96)
    for layer in (conv, colour, linear, wide, norm, batch, gru):
        layer.initialize()
    with autograd.record():
        seen = batch(nd.array(ONES))
    seen.backward()  # which moves the mean too: the pass forwards alone leaves it
    seen.wait_to_read()
    others = {"weight_ih": "i2h_weight", "weight_hh": "h2h_weight"}
    others |= {"bias_ih": "i2h_bias", "bias_hh": "h2h_bias"}
    for kind, name in others.items():
        getattr(gru, f"l0_{name}").set_data(nd.array(weights[kind]))
    return {
        "convolution": float(conv(nd.array(PICTURE[None, None])).asnumpy()[0, 0, 0, 0]),
        "convolution weight": list(colour.weight.shape),
        "linear weight": list(linear.weight.shape),
        "layer norm": float(norm(nd.array(CLOSE)).asnumpy()[0, 1]),
        "batch norm": float(batch.running_mean.data().asnumpy()[0]),
        "gelu": float(nd.LeakyReLU(nd.array([-1.0]), act_type="gelu").asscalar()),
        "loss": SoftmaxCrossEntropyLoss()(nd.array(SCORES), nd.array(LABELS)).asnumpy().tolist(),
        "linear start": float(wide.weight.data().asnumpy().std()),
        "gru states": gru(nd.array(x)).asnumpy(),
    }
