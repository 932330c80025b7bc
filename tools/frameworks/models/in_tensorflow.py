"""The network in TensorFlow without Keras: variables, operations, a tape, a traced function."""

import numpy as np
import tensorflow as tf

WIDTH = 32


def turned(name: str, w: np.ndarray, back: bool = False) -> np.ndarray:
    """PyTorch's weights as TensorFlow keeps them, or back again."""
    if name.endswith("convolution.weight"):  # (out, in, height, width), (height, width, in, out)
        return w.transpose(3, 2, 0, 1) if back else w.transpose(2, 3, 1, 0)
    return w.T if w.ndim == 2 else w  # (out, in), (in, out)


def linear(weights, name, x):
    return (
        tf.linalg.matvec(weights[f"{name}.weight"], x, transpose_a=True) + weights[f"{name}.bias"]
    )


def normalised(x, epsilon=1e-5):
    mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, None, None, epsilon)


def blocks(weights, name, x):
    """Four convolutions with stride 2; x: (batch, height, width, channels)."""
    for i in range(4):
        block = f"{name}.blocks.{i}"
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])  # "SAME" would put the zeros elsewhere
        x = tf.nn.conv2d(x, weights[f"{block}.convolution.weight"], strides=2, padding="VALID")
        x = normalised(x + weights[f"{block}.convolution.bias"])
        x = tf.nn.relu(x * weights[f"{block}.norm.weight"] + weights[f"{block}.norm.bias"])
    return x


@tf.function
def forward(weights, image, audio):
    """Scores (batch, 10) for pictures (batch, 1, 28, 28) and spectrograms (batch, 32, 40)."""
    batch = tf.shape(image)[0]
    seen = blocks(weights, "encoders.image", tf.transpose(image, [0, 2, 3, 1]))
    heard = blocks(weights, "encoders.audio", audio[..., tf.newaxis])  # (batch, 2, 3, 64)
    heard = tf.transpose(heard, [0, 1, 3, 2])  # channels before frequencies
    heard = tf.reshape(heard, [batch, -1, 64 * 3])
    tokens = {
        "image": tf.reshape(seen, [batch, -1, WIDTH]),
        "audio": linear(weights, "encoders.audio.project", heard),
    }
    keys = tf.concat([linear(weights, f"fusion.keys.{m}", x) for m, x in tokens.items()], 1)
    values = tf.concat([linear(weights, f"fusion.values.{m}", x) for m, x in tokens.items()], 1)
    scores = tf.linalg.matvec(keys, weights["fusion.question"]) / WIDTH**0.5  # (batch, 6)
    read = tf.nn.softmax(scores)[..., tf.newaxis] * normalised(values)
    return linear(weights, "classifier", tf.reduce_sum(read, 1))


@tf.function
def loss_and_slopes(weights, image, audio, labels):
    with tf.GradientTape() as tape:
        scores = forward(weights, image, audio)
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
        loss = tf.reduce_mean(each)
    return loss, tape.gradient(loss, weights)


@tf.function
def update(weights, image, audio, labels, rate):
    """One step of gradient descent, in place; returns the loss."""
    loss, slopes = loss_and_slopes(weights, image, audio, labels)
    for name, variable in weights.items():
        variable.assign_sub(rate * slopes[name])
    return loss


def build(weights: dict[str, np.ndarray]):
    return {name: tf.Variable(turned(name, w), name=name) for name, w in weights.items()}


def logits(weights, image, audio) -> np.ndarray:
    return forward(weights, tf.constant(image), tf.constant(audio)).numpy()


def gradients(weights, image, audio, labels) -> dict[str, np.ndarray]:
    _, slopes = loss_and_slopes(weights, *map(tf.constant, (image, audio, labels)))
    return {name: turned(name, slope.numpy(), back=True) for name, slope in slopes.items()}


def trainer(weights, image, audio, labels, rate: float):
    batch, rate = [tf.constant(x) for x in (image, audio, labels)], tf.constant(rate)
    return lambda: float(update(weights, *batch, rate))
