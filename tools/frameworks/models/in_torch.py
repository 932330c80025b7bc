"""The network in PyTorch: layers are objects, a picture is (batch, channels, height, width)."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

IMAGE, AUDIO, WIDTH = (1, 16, 32, 64, 32), (1, 8, 16, 32, 64), 32


class Block(nn.Module):
    """A convolution with stride 2, a normalisation over the channels, a ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        self.norm = nn.LayerNorm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        channels_last = self.convolution(x).permute(0, 2, 3, 1)
        return F.relu(self.norm(channels_last)).permute(0, 3, 1, 2)


class Eye(nn.Module):
    """A picture (batch, 1, 28, 28) to four tokens, (batch, 4, 32)."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*map(Block, IMAGE, IMAGE[1:]))

    def forward(self, image: Tensor) -> Tensor:
        return self.blocks(image).flatten(2).transpose(1, 2)


class Ear(nn.Module):
    """A spectrogram (batch, 32, 40) to two tokens, (batch, 2, 32)."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*map(Block, AUDIO, AUDIO[1:]))
        self.project = nn.Linear(64 * 3, WIDTH)

    def forward(self, audio: Tensor) -> Tensor:
        x = self.blocks(audio.unsqueeze(1))  # (batch, 64, 2, 3)
        return self.project(x.transpose(1, 2).flatten(2))


class Ask(nn.Module):
    """One learned question asks the tokens of both senses."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = nn.ModuleDict({m: nn.Linear(WIDTH, WIDTH) for m in ("image", "audio")})
        self.values = nn.ModuleDict({m: nn.Linear(WIDTH, WIDTH) for m in ("image", "audio")})
        self.question = nn.Parameter(torch.zeros(WIDTH))

    def forward(self, tokens: dict[str, Tensor]) -> Tensor:
        keys = torch.cat([layer(tokens[m]) for m, layer in self.keys.items()], dim=1)
        values = torch.cat([layer(tokens[m]) for m, layer in self.values.items()], dim=1)
        weights = (keys @ self.question / WIDTH**0.5).softmax(dim=1)  # (batch, 6)
        return (weights.unsqueeze(2) * F.layer_norm(values, (WIDTH,))).sum(dim=1)


class Network(nn.Module):
    """Scores of ten digits, (batch, 10), for pictures and spectrograms."""

    def __init__(self) -> None:
        super().__init__()
        self.encoders = nn.ModuleDict({"image": Eye(), "audio": Ear()})
        self.fusion, self.classifier = Ask(), nn.Linear(WIDTH, 10)

    def forward(self, image: Tensor, audio: Tensor) -> Tensor:
        tokens = {"image": self.encoders["image"](image), "audio": self.encoders["audio"](audio)}
        return self.classifier(self.fusion(tokens))


def build(weights: dict[str, np.ndarray]) -> Network:
    network = Network()
    network.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in weights.items()})
    return network


def logits(network: Network, image: np.ndarray, audio: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return network(torch.from_numpy(image), torch.from_numpy(audio)).numpy()


def gradients(network: Network, image, audio, labels) -> dict[str, np.ndarray]:
    network.zero_grad()
    scores = network(torch.from_numpy(image), torch.from_numpy(audio))
    F.cross_entropy(scores, torch.from_numpy(labels)).backward()
    return {n: w.grad.numpy().copy() for n, w in network.named_parameters() if w.grad is not None}


def trainer(network: Network, image, audio, labels, rate: float):
    optimiser = torch.optim.SGD(network.parameters(), rate)
    batch = [torch.from_numpy(x) for x in (image, audio, labels)]

    def step() -> float:
        optimiser.zero_grad()
        loss = F.cross_entropy(network(batch[0], batch[1]), batch[2])
        loss.backward()
        optimiser.step()
        return loss.item()

    return step
