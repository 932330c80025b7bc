"""The network in JAX: weights are a dictionary, the network is a function of it."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

WIDTH = 32


def linear(weights, name, x):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def normalised(x, epsilon=1e-5):
    """Over the last axis; `jax.nn` has `standardize`, and no layer with weights."""
    return jax.nn.standardize(x, axis=-1, epsilon=epsilon)


def blocks(weights, name, x):
    """Four convolutions with stride 2; x: (batch, height, width, channels)."""
    for i in range(4):
        block = f"{name}.blocks.{i}"
        x = lax.conv_general_dilated(
            x,
            weights[f"{block}.convolution.weight"],
            window_strides=(2, 2),
            padding=((1, 1), (1, 1)),  # "SAME" would put the zeros elsewhere
            dimension_numbers=("NHWC", "OIHW", "NHWC"),  # so PyTorch's weights stay as they are
        )
        x = normalised(x + weights[f"{block}.convolution.bias"])
        x = jax.nn.relu(x * weights[f"{block}.norm.weight"] + weights[f"{block}.norm.bias"])
    return x


def forward(weights, image, audio):
    """Scores (batch, 10) for pictures (batch, 1, 28, 28) and spectrograms (batch, 32, 40)."""
    seen = blocks(weights, "encoders.image", image.transpose(0, 2, 3, 1))
    heard = blocks(weights, "encoders.audio", audio[..., None])  # (batch, 2, 3, 64)
    heard = heard.swapaxes(2, 3).reshape(len(audio), -1, 64 * 3)  # channels before frequencies
    tokens = {
        "image": seen.reshape(len(image), -1, WIDTH),
        "audio": linear(weights, "encoders.audio.project", heard),
    }
    keys = [linear(weights, f"fusion.keys.{m}", x) for m, x in tokens.items()]
    values = [linear(weights, f"fusion.values.{m}", x) for m, x in tokens.items()]
    scores = jnp.concatenate(keys, 1) @ weights["fusion.question"] / WIDTH**0.5  # (batch, 6)
    read = jax.nn.softmax(scores)[..., None] * normalised(jnp.concatenate(values, 1))
    return linear(weights, "classifier", read.sum(1))


def loss(weights, image, audio, labels):
    log_probabilities = jax.nn.log_softmax(forward(weights, image, audio))
    return -jnp.take_along_axis(log_probabilities, labels[:, None], 1).mean()


@jax.jit
def update(weights, image, audio, labels, rate):
    """One step of gradient descent: the loss, and new weights; the old ones stay as they are."""
    value, slopes = jax.value_and_grad(loss)(weights, image, audio, labels)
    return value, jax.tree.map(lambda w, slope: w - rate * slope, weights, slopes)


def build(weights: dict[str, np.ndarray]):
    return {name: jnp.asarray(values) for name, values in weights.items()}


def logits(weights, image, audio) -> np.ndarray:
    return np.asarray(jax.jit(forward)(weights, image, audio))


def gradients(weights, image, audio, labels) -> dict[str, np.ndarray]:
    found = jax.jit(jax.grad(loss))(weights, image, audio, labels)
    return {name: np.asarray(slope) for name, slope in found.items()}


def trainer(weights, image, audio, labels, rate: float):
    state, batch = [weights], [jnp.asarray(x) for x in (image, audio, labels)]

    def step() -> float:
        value, state[0] = update(state[0], *batch, rate)
        return float(value)

    return step
