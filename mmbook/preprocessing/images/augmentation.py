"""New training images out of old ones: whole batches at once, on their device.

Every function takes images (n, 1 or 3, height, width), float in [0, 1] where nothing else is
said, and draws for each image by itself; whole numbers raise ImageError, and so does a setting out
of its range, by its name. `generator` may live on
the CPU while the images are elsewhere; None is torch's global stream, which the training loop
seeds at every step. What an augmentation does to the label is the first thing its description says:
no other part of the program can know it.
"""

import math
from numbers import Real

import torch
import torch.nn.functional as F
from scipy.special import betaincinv
from torch import Tensor

from mmbook.preprocessing.images.colour import LUMA, to_grey
from mmbook.preprocessing.images.resampling import resize_matrices
from mmbook.preprocessing.images.transforms import ImageError, check_real, check_shape, check_unit
from mmbook.preprocessing.ranges import check_range, check_setting

Generator = torch.Generator | None
Range = tuple[float, float]


def random_flip(images: Tensor, generator: Generator = None, probability: float = 0.5) -> Tensor:
    """Mirror left and right. Keeps a label that does not know left from right.

    A cat stays a cat; a 2, a b, and "left of" do not stay what they are. Any type of pixel.
    """
    check_shape(images)
    check_setting(probability, "probability", low=0, high=1, error=ImageError)
    mirrored = _uniform(generator, images, 0, 1) < probability
    return torch.where(mirrored[:, None, None, None], images.flip(-1), images)


def random_crop(images: Tensor, size: int, generator: Generator = None) -> Tensor:
    """Cut size x size pixels out at random. Keeps a label of what fills the image.

    Whole pixels are copied, nothing is interpolated, so this is cheap at any size; what stands at
    the edge may be cut off. Any type of pixel. Returns (n, channels, size, size).
    """
    rows, columns = check_shape(images).shape[-2:]
    check_setting(size, "size", whole=True, error=ImageError)
    if not 1 <= size <= min(rows, columns):
        raise ImageError(f"a crop of {size} does not fit into images of {rows} x {columns}")
    top, left = (
        _uniform(generator, images, 0, side - size + 1).long().clamp(max=side - size)
        for side in (rows, columns)
    )
    places = torch.arange(len(images), device=images.device)
    windows = images.unfold(2, size, 1).unfold(3, size, 1)  # a view: every crop there is
    return windows[places, :, top, left]  # (n, channels, size, size)


def random_resized_crop(
    images: Tensor,
    size: int,
    generator: Generator = None,
    *,
    area: Range = (0.35, 1.0),
    aspect: Range = (3 / 4, 4 / 3),
    mirror: float = 0.5,
) -> Tensor:
    """Cut a rectangle out, bring it to size x size and perhaps mirror it. Keeps a label as a crop
    and a flip do; sizes and shapes ("the larger", "the circle") no longer mean much.

    area: the rectangle's share of the image. aspect: width over height; the sides are cut to the
    image where they would be longer. mirror: probability. No aliasing: all pixels are read,
    which takes long for large images: those are better cut with `random_crop`.
    Returns (n, channels, size, size). Source: Szegedy et al. 2015.
    """
    rows, columns = check_real(images).shape[-2:]
    check_setting(size, "size", low=1, whole=True, error=ImageError)
    check_setting(mirror, "mirror", low=0, high=1, error=ImageError)
    check_range(area, "area", highest=1, error=ImageError)
    share = _uniform(generator, images, *area)
    ratio = _log_uniform(generator, images, aspect)
    height = (rows * columns * share / ratio).sqrt().clamp(1, rows)
    width = (rows * columns * share * ratio).sqrt().clamp(1, columns)
    top = _uniform(generator, images, 0, 1) * (rows - height)
    left = _uniform(generator, images, 0, 1) * (columns - width)
    mirrored = _uniform(generator, images, 0, 1) < mirror
    start, length = torch.where(mirrored, left + width, left), torch.where(mirrored, -width, width)
    down = resize_matrices(rows, size, "antialias", top, height).to(images)
    across = resize_matrices(columns, size, "antialias", start, length).to(images)
    narrow = (images.flatten(1, 2) @ across.mT).unflatten(1, images.shape[1:3])
    return down[:, None] @ narrow  # (n, channels, size, size)


def random_affine(
    images: Tensor,
    generator: Generator = None,
    *,
    degrees: float = 15.0,
    scale: Range = (0.9, 1.1),
    shift: float = 0.1,
    padding: str = "zeros",
) -> Tensor:
    """Turn, enlarge and shift a little. Keeps a label as long as the turn is small: at half a turn
    a 6 is a 9.

    degrees: the largest turn, either way. shift: the largest, as a share of each side.
    padding: what lies outside, as in `warp`.
    """
    rows, columns = check_real(images).shape[-2:]
    check_setting(degrees, "degrees", low=0, error=ImageError)
    check_setting(shift, "shift", low=0, error=ImageError)
    check_range(scale, "scale", error=ImageError)
    angle = torch.deg2rad(_uniform(generator, images, -degrees, degrees))
    shifts = [_uniform(generator, images, -shift * side, shift * side) for side in (columns, rows)]
    matrices = affine_matrices(
        angle,
        _uniform(generator, images, *scale),
        torch.stack(shifts, dim=1),
        centre=((columns - 1) / 2, (rows - 1) / 2),
    )
    return warp(images, matrices, padding)


def affine_matrices(
    angle: Tensor, scale: Tensor, shift: Tensor, centre: tuple[float, float]
) -> Tensor:
    """Turn about a centre, enlarge, then shift, as one matrix an image: new pixel to old pixel.

    angle: (n,) radians, against the clock on the screen. scale: (n,). shift: (n, 2), right and
    down, in pixels. centre: x and y of the point that stays, counted from the middle of pixel 0.
    Returns (n, 2, 3): old (x, y) = matrix · (x, y, 1), the inverse of what happens to the image.
    """
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).reshape(-1, 2, 2)
    middle = torch.tensor(centre).to(linear)
    offset = middle - (linear @ (middle + shift)[:, :, None])[..., 0]  # (n, 2)
    return torch.cat([linear, offset[:, :, None]], dim=2)


def warp(images: Tensor, matrices: Tensor, padding: str = "zeros") -> Tensor:
    """Move pixels by one matrix an image; between pixels it interpolates bilinearly.

    matrices: (n, 2, 3), new pixel (x, y, 1) to old pixel (x, y), counted from the middle of the
    first pixel. padding: outside is "zeros", or repeats the "border", or mirrors ("reflection").
    Bilinear reading looks at four pixels only: to shrink much, use `resample`.
    """
    rows, columns = check_real(images).shape[-2:]
    kind = torch.promote_types(images.dtype, torch.float32)  # float16 has no room for places
    y, x = torch.meshgrid(
        torch.arange(rows, device=images.device, dtype=kind),
        torch.arange(columns, device=images.device, dtype=kind),
        indexing="ij",
    )
    new = torch.stack([x, y, torch.ones_like(x)], dim=-1).reshape(-1, 3)  # (pixels, 3)
    old = new @ matrices.to(new).mT  # (n, pixels, 2)
    # grid_sample counts from -1 to 1 between the outer edges.
    places = (2 * old + 1) / old.new_tensor([columns, rows]) - 1
    grid = places.reshape(len(images), rows, columns, 2)
    moved = F.grid_sample(images.to(kind), grid, padding_mode=padding, align_corners=False)
    return moved.to(images.dtype)


def jitter_colour(
    images: Tensor,
    generator: Generator = None,
    *,
    brightness: float = 0.4,
    contrast: float = 0.4,
    saturation: float = 0.4,
) -> Tensor:
    """Change brightness, contrast and saturation. Keeps a label that does not ask for a colour.

    Each is multiplied by a factor between 1 - its strength and 1 + its strength. All three are
    linear in the colour, so they are one matrix an image; the result is cut to [0, 1]. Raises
    ImageError where a pixel lies outside.
    """
    check_unit(check_real(images))
    strengths = {"brightness": brightness, "contrast": contrast, "saturation": saturation}
    for name, strength in strengths.items():
        check_setting(strength, name, low=0, error=ImageError)
    bright, strong, colourful = (
        _uniform(generator, images, 1 - strength, 1 + strength).to(images)[:, None, None]
        for strength in strengths.values()
    )
    middle = to_grey(images).mean((1, 2, 3))[:, None, None] * bright  # the mean brightness
    if images.shape[1] == 1:
        matrix = bright * strong
    else:
        grey = images.new_tensor(LUMA).expand(3, 3)  # every row makes grey
        matrix = bright * strong * torch.lerp(grey, torch.eye(3).to(grey), colourful)
    flat = matrix @ images.flatten(2) + (1 - strong) * middle
    return flat.clamp(0, 1).reshape(images.shape)


def random_erase(
    images: Tensor,
    generator: Generator = None,
    *,
    probability: float = 0.5,
    area: Range = (0.02, 0.33),
    aspect: Range = (0.3, 3.3),
    fill: float = 0.0,
) -> Tensor:
    """Cover a rectangle. Keeps a label of what is seen in many places, not that of a small thing.

    area: its share of the image; aspect: width over height; fill: a pixel, in [0, 1].
    Source: Zhong et al. 2020.
    """
    rows, columns = check_real(images).shape[-2:]
    check_setting(probability, "probability", low=0, high=1, error=ImageError)
    check_setting(fill, "fill", low=0, high=1, error=ImageError)
    check_range(area, "area", highest=1, error=ImageError)
    share = _uniform(generator, images, *area)
    ratio = _log_uniform(generator, images, aspect)
    covered = _uniform(generator, images, 0, 1)[:, None, None] < probability
    for axis, side, long in ((1, rows, 1 / ratio), (2, columns, ratio)):
        length = (rows * columns * share * long).sqrt().clamp(max=side)
        start = _uniform(generator, images, 0, 1) * (side - length)
        place = torch.arange(side, device=images.device) + 0.5
        inside = (place >= start[:, None]) & (place < (start + length)[:, None])  # (n, side)
        covered = covered & inside.unsqueeze(3 - axis)
    return images.masked_fill(covered[:, None], fill)


def mixup(
    images: Tensor,
    targets: Tensor,
    classes: int,
    generator: Generator = None,
    *,
    alpha: float = 0.2,
) -> tuple[Tensor, Tensor]:
    """Blend each image with another one of the batch. Changes the label, in the same proportion.

    targets: (n,) classes, or (n, classes) probabilities. alpha: of the Beta(alpha, alpha)
    distribution of the proportion; small values leave most images nearly whole.
    Returns images and targets (n, classes), rows that sum to one, which
    `torch.nn.functional.cross_entropy` takes. Source: Zhang et al. 2018.
    """
    check_real(images)
    if not isinstance(alpha, Real) or not 0 < alpha < math.inf:
        raise ImageError(f"alpha must be positive and finite, got {alpha}")
    soft = _probabilities(targets, len(images), classes).to(images)
    chance = _uniform(generator, images, 0, 1).double().cpu().numpy()
    share = torch.from_numpy(betaincinv(alpha, alpha, chance)).to(images)  # Beta by its inverse
    partner = _uniform(generator, images, 0, 1).argsort()
    mixed = torch.lerp(images[partner], images, share[:, None, None, None])
    return mixed, torch.lerp(soft[partner], soft, share[:, None])


def _probabilities(targets: Tensor, samples: int, classes: int) -> Tensor:
    """Classes (n,), or already probabilities (n, classes), as (n, classes); else ImageError."""
    if targets.shape == (samples,):
        if targets.is_floating_point():
            raise ImageError(f"classes must be whole numbers, got {targets.dtype}")
        if not ((targets >= 0) & (targets < classes)).all():
            raise ImageError(f"classes must lie in 0..{classes - 1}, got {targets.tolist()}")
        return F.one_hot(targets.long(), classes)
    if targets.shape != (samples, classes):
        raise ImageError(
            f"targets must be ({samples},) classes or ({samples}, {classes}) probabilities, got "
            f"the shape {tuple(targets.shape)}"
        )
    if not ((targets >= 0).all() and ((targets.float().sum(1) - 1).abs() < 0.01).all()):
        raise ImageError(
            f"targets ({samples}, {classes}) must be probabilities, rows that sum to one"
        )
    return targets


def _log_uniform(generator: Generator, images: Tensor, between: Range) -> Tensor:
    """One random ratio an image, (n,): as often below the geometric mean of the two as above."""
    check_range(between, "aspect", error=ImageError)
    return _uniform(generator, images, *(math.log(side) for side in between)).exp()


def _uniform(generator: Generator, images: Tensor, low: float, high: float) -> Tensor:
    """One random number an image between two bounds, (n,) on the images' device."""
    if not -math.inf < low <= high < math.inf:  # NaN fails too
        raise ImageError(f"a range must be (low, high), both finite, got ({low}, {high})")
    device = images.device if generator is None else generator.device
    chance = torch.rand(len(images), generator=generator, device=device).to(images.device)
    return low + (high - low) * chance
