"""The network in Keras 3: a graph of layers, on whichever backend `KERAS_BACKEND` names."""

import keras
import numpy as np
from keras import layers, ops

IMAGE, AUDIO, WIDTH = (16, 32, 64, 32), (8, 16, 32, 64), 32


def blocks(name: str, x, channels):
    """Four convolutions with stride 2; x: (batch, height, width, channels)."""
    for i, outputs in enumerate(channels):
        block = f"{name}.blocks.{i}"
        x = layers.ZeroPadding2D(1)(x)  # padding="same" would put the zeros elsewhere
        x = layers.Conv2D(outputs, 3, strides=2, name=f"{block}.convolution")(x)
        x = layers.LayerNormalization(epsilon=1e-5, name=f"{block}.norm")(x)  # not 1e-3
        x = layers.ReLU()(x)
    return x


def network() -> keras.Model:
    """Scores (batch, 10) for pictures (batch, 28, 28, 1) and spectrograms (batch, 32, 40, 1)."""
    image, audio = keras.Input((28, 28, 1)), keras.Input((32, 40, 1))
    heard = layers.Permute((1, 3, 2))(blocks("encoders.audio", audio, AUDIO))  # (batch, 2, 64, 3)
    heard = layers.Reshape((2, 64 * 3))(heard)
    tokens = {
        "image": layers.Reshape((4, WIDTH))(blocks("encoders.image", image, IMAGE)),
        "audio": layers.Dense(WIDTH, name="encoders.audio.project")(heard),
    }
    keys = [layers.Dense(WIDTH, name=f"fusion.keys.{m}")(x) for m, x in tokens.items()]
    values = [layers.Dense(WIDTH, name=f"fusion.values.{m}")(x) for m, x in tokens.items()]
    values = layers.Concatenate(axis=1)(values)  # (batch, 6, 32)
    values = layers.LayerNormalization(epsilon=1e-5, center=False, scale=False)(values)
    question = layers.Dense(1, use_bias=False, name="fusion.question")
    scores = question(layers.Concatenate(axis=1)(keys)) / WIDTH**0.5  # (batch, 6, 1)
    read = ops.sum(layers.Softmax(axis=1)(scores) * values, axis=1)
    return keras.Model([image, audio], layers.Dense(10, name="classifier")(read))


def turned(name: str, w: np.ndarray) -> np.ndarray:
    """PyTorch's weights as Keras keeps them: what each unit reads comes before the units."""
    if name.endswith("convolution.weight"):  # (out, in, height, width) to (h, w, in, out)
        return w.transpose(2, 3, 1, 0)
    return w[:, None] if name == "fusion.question" else w.T


def turned_back(name: str, w: np.ndarray) -> np.ndarray:
    if name.endswith("convolution.weight"):
        return w.transpose(3, 2, 0, 1)
    return w[:, 0] if name == "fusion.question" else w.T


def held(model: keras.Model) -> dict[str, keras.Variable]:
    """The model's variables by the names of the checkpoint."""
    kinds = {"kernel": ".weight", "bias": ".bias", "gamma": ".weight", "beta": ".bias"}
    named = {
        layer.name + kinds[variable.name]: variable
        for layer in model.layers
        for variable in layer.trainable_variables
    }
    named["fusion.question"] = named.pop("fusion.question.weight")
    return named


def build(weights: dict[str, np.ndarray]) -> keras.Model:
    model = network()
    for name, variable in held(model).items():
        variable.assign(turned(name, weights[name]))
    return model


def channels_last(image: np.ndarray, audio: np.ndarray) -> list[np.ndarray]:
    return [image.transpose(0, 2, 3, 1), audio[..., None]]


def logits(model: keras.Model, image, audio) -> np.ndarray:
    return model.predict_on_batch(channels_last(image, audio))


def trainer(model: keras.Model, image, audio, labels, rate: float):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(rate), loss)
    return lambda: float(model.train_on_batch(channels_last(image, audio), labels))


def gradients(model: keras.Model, image, audio, labels) -> dict[str, np.ndarray]:
    """By how much one step of rate 1 changes the weights: the same on every backend."""
    before = {name: np.array(variable) for name, variable in held(model).items()}
    trainer(model, image, audio, labels, rate=1.0)()
    after = {name: np.array(variable) for name, variable in held(model).items()}
    return {name: turned_back(name, before[name] - after[name]) for name in before}
