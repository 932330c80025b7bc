"""The image-text system in Keras 3: picture encoder, attention, and a decoder that writes."""

import keras
import numpy as np
from keras import layers, ops

WIDTH, HEADS, WORDS, LONGEST, SIZE = 96, 4, 32, 64, 64
STAGES, STRIDES = (32, 48, 48, 96, 96), (2, 2, 1, 2, 1)
ANGLES = np.arange(LONGEST)[:, None] * 10_000.0 ** (
    -np.arange(0, WIDTH // HEADS, 2) / (WIDTH // HEADS)
)
FUTURE = np.triu(np.full((LONGEST, LONGEST), -1e9, np.float32), 1)  # added to scores: not yet


class Places(layers.Layer):
    """Adds to each of 8 · 8 cells, row by row, what says where it lies."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(18, WIDTH), name="kernel")
        self.bias = self.add_weight(shape=(WIDTH,), name="bias")
        middles = (np.arange(8) + 0.5) / 8
        places = np.stack(np.meshgrid(middles, middles, indexing="ij"), axis=-1)  # y, x
        angles = [turns * np.pi * places for turns in (0.5, 1.0, 2.0, 4.0)]
        waves = [wave for angle in angles for wave in (np.sin(angle), np.cos(angle))]
        self.waves = np.concatenate([places, *waves], axis=-1).reshape(64, 18).astype(np.float32)

    def call(self, x):
        return x + ops.matmul(self.waves, self.kernel) + self.bias


def encoder(image):
    """A picture (batch, 64, 64, 3) of bytes to 64 tokens, (batch, 64, 96)."""
    x = (image - 200.0) / 60.0
    for i, (channels, stride) in enumerate(zip(STAGES, STRIDES, strict=True)):
        x = layers.ZeroPadding2D(1)(x)
        x = layers.Conv2D(channels, 3, stride, use_bias=False, name=f"encoder.layers.{i}.0")(x)
        x = layers.BatchNormalization(epsilon=1e-5, name=f"encoder.layers.{i}.1")(x)  # not 1e-3
        x = layers.ReLU()(x)
    x = layers.Reshape((64, WIDTH))(x)
    return norm("encoder.norm", Places(name="encoder.positions.project")(x))


def norm(name, x):
    return layers.LayerNormalization(epsilon=1e-5, name=name)(x)


def rotated(x):
    """Each token turned by its position; x: (batch, heads, length, 24)."""
    cosine, sine = np.cos(ANGLES).astype(np.float32), np.sin(ANGLES).astype(np.float32)
    first, second = ops.split(x, 2, axis=-1)
    turned = (first * cosine - second * sine, first * sine + second * cosine)
    return ops.concatenate(turned, axis=-1)


def attention(name, x, memory=None):
    """x asks the memory, or causally itself; softmax(q kᵀ/√24) v in four heads."""

    def heads(part, y):
        y = layers.Dense(WIDTH, name=f"{name}.{part}")(y)
        return ops.transpose(ops.reshape(y, (-1, y.shape[1], HEADS, WIDTH // HEADS)), (0, 2, 1, 3))

    source = x if memory is None else memory
    q, k, v = heads("query", x), heads("key", source), heads("value", source)
    if memory is None:
        q, k = rotated(q), rotated(k)
    scores = ops.matmul(q, ops.swapaxes(k, 2, 3)) / (WIDTH // HEADS) ** 0.5
    weights = ops.softmax(scores + FUTURE if memory is None else scores)
    found = ops.reshape(ops.transpose(ops.matmul(weights, v), (0, 2, 1, 3)), (-1, LONGEST, WIDTH))
    return layers.Dense(WIDTH, name=f"{name}.output")(found)


def decoder(ids, memory):
    """Scores of the word after each, (batch, 64, 32); two blocks, each looks at the picture."""
    x = layers.Embedding(WORDS, WIDTH, name="embedding")(ids)
    for i in range(2):
        block = f"stack.blocks.{i}"
        x = x + attention(f"{block}.attention", norm(f"{block}.attention_norm", x))
        x = x + attention(f"{block}.cross_attention", norm(f"{block}.cross_norm", x), memory)
        h = norm(f"{block}.feed_forward_norm", x)
        h = layers.Dense(4 * WIDTH, name=f"{block}.feed_forward.0")(h)
        h = ops.gelu(h, approximate=False)  # `ops.gelu` alone is the approximation
        x = x + layers.Dense(WIDTH, name=f"{block}.feed_forward.2")(h)
    return layers.Dense(WORDS, use_bias=False, name="output")(norm("stack.norm", x))


def build(weights: dict[str, np.ndarray]) -> tuple[keras.Model, keras.Model]:
    """Encoder and decoder with the weights of the checkpoint."""
    image, ids = keras.Input((SIZE, SIZE, 3)), keras.Input((LONGEST,), dtype="int32")
    eye, memory = keras.Model(image, encoder(image)), keras.Input((64, WIDTH))
    writer = keras.Model([ids, memory], decoder(ids, memory))
    weights = weights | {"model.decoder.output.weight": weights["model.decoder.embedding.weight"]}
    kinds = {"kernel": "weight", "gamma": "weight", "beta": "bias", "embeddings": "weight"}
    kinds |= {"moving_mean": "running_mean", "moving_variance": "running_var"}
    for layer in [*eye.layers, *writer.layers]:
        for variable in layer.variables:
            prefix = "" if layer.name.startswith("encoder.") else "model.decoder."
            values = weights[f"{prefix}{layer.name}.{kinds.get(variable.name, variable.name)}"]
            if variable.name == "kernel":  # (out, in, ...) to (..., in, out)
                values = values.transpose(2, 3, 1, 0) if values.ndim == 4 else values.T
            variable.assign(values)
    return eye, writer


def write(models, images, read_as: np.ndarray, bos: int, eos: int) -> np.ndarray:
    """The most probable word each time, (n, 64) ids from bos on; 0 behind eos."""
    memory = models[0].predict_on_batch(images)
    ids = np.full((len(images), LONGEST), 0, np.int32)
    ids[:, 0], open_rows = bos, np.ones(len(images), bool)
    for place in range(1, LONGEST):
        scores = models[1].predict_on_batch([read_as[ids], memory])[:, place - 1]
        ids[:, place] = np.where(open_rows, scores.argmax(axis=1), 0)
        open_rows &= ids[:, place] != eos
        if not open_rows.any():
            break
    return ids


def logits(models, images, ids: np.ndarray, read_as: np.ndarray) -> np.ndarray:
    """The scores of the word after each of ids, (n, 64, 32)."""
    return models[1].predict_on_batch([read_as[ids], models[0].predict_on_batch(images)])
