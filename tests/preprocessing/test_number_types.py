"""Every public function for images and sound, given whole numbers where it may expect others.

Weights such as 0.299 become 0 in the type of a byte, and sums wrap around. So each function either
gives what it gives for the same values as floating point, or refuses with an error that says so.
A function that is new fails the first test until it is listed here.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping

import numpy as np
import pytest
import torch

import mmbook.preprocessing as room
from mmbook.preprocessing import ranges, standardiser
from mmbook.preprocessing.audio import augmentation as audio_augmentation
from mmbook.preprocessing.audio import batches as audio_batches
from mmbook.preprocessing.audio import (
    checks,
    features,
    frame_statistics,
    mel,
    quantisation,
    raw,
    spectrogram,
    streaming,
    voice_activity,
    waveforms,
)
from mmbook.preprocessing.audio import resampling as audio_resampling
from mmbook.preprocessing.images import augmentation as image_augmentation
from mmbook.preprocessing.images import colour, digits, near_duplicates, patches, transforms
from mmbook.preprocessing.images import files as image_files
from mmbook.preprocessing.images import resampling as image_resampling
from mmbook.preprocessing.images.oriented_gradients import oriented_gradients
from mmbook.preprocessing.images.principal_components import PrincipalComponents
from tests.preprocessing.audio.faults import fault_calls

TEXT = f"{room.__name__}.text"  # its tensors are numbers of words, which are whole


def seeded():
    return torch.Generator().manual_seed(0)


def whole(*shape, high=256):
    return torch.randint(0, high, shape, generator=seeded()).float()


def real(*shape):
    return torch.rand(shape, generator=seeded())


IMAGES, SWITCHES = whole(2, 3, 8, 10), whole(2, 3, 8, 10, high=2)
CLIPS, BANDS = whole(2, 400), whole(2, 6, 40)
PHOTOGRAPHS = torch.nn.functional.interpolate(whole(3, 3, 7, 7), (40, 40), mode="bilinear").round()
IDENTITY = torch.eye(2, 3).expand(2, 2, 3)
HANN = spectrogram.cosine_window(16)
SPECTROGRAM = mel.SpectrogramConfig(n_fft=100, hop=50, mels=8)
FITTED = standardiser.Standardiser.fit(real(5, 3, 4, 4), 1)

# Name of a function and its argument: whole numbers, the type that it is written for (floating
# point where none is given), and the call.
CALLS = {
    "images.augmentation.random_flip.images": (
        IMAGES,
        lambda x: image_augmentation.random_flip(x, seeded()),
    ),
    "images.augmentation.random_crop.images": (
        IMAGES,
        lambda x: image_augmentation.random_crop(x, 5, seeded()),
    ),
    "images.augmentation.random_resized_crop.images": (
        IMAGES,
        lambda x: image_augmentation.random_resized_crop(x, 5, seeded()),
    ),
    "images.augmentation.random_affine.images": (
        IMAGES,
        lambda x: image_augmentation.random_affine(x, seeded()),
    ),
    "images.augmentation.affine_matrices.angle": (
        whole(2, high=3),
        lambda x: image_augmentation.affine_matrices(x, real(2) + 1, real(2, 2), (3.5, 4.5)),
    ),
    "images.augmentation.affine_matrices.scale": (
        whole(2, high=3) + 1,
        lambda x: image_augmentation.affine_matrices(real(2), x, real(2, 2), (3.5, 4.5)),
    ),
    "images.augmentation.affine_matrices.shift": (
        whole(2, 2),
        lambda x: image_augmentation.affine_matrices(real(2), real(2) + 1, x, (3.5, 4.5)),
    ),
    "images.augmentation.warp.images": (
        IMAGES,
        lambda x: image_augmentation.warp(x, IDENTITY * 0.9),
    ),
    "images.augmentation.warp.matrices": (
        IDENTITY,
        lambda x: image_augmentation.warp(real(2, 3, 8, 10), x),
    ),
    "images.oriented_gradients.oriented_gradients.images": (IMAGES[:, :1], oriented_gradients),
    "images.augmentation.jitter_colour.images": (
        SWITCHES,
        lambda x: image_augmentation.jitter_colour(x, seeded()),
    ),
    "images.augmentation.random_erase.images": (
        IMAGES,
        lambda x: image_augmentation.random_erase(x, seeded(), fill=0.5),
    ),
    "images.augmentation.mixup.images": (
        IMAGES,
        lambda x: image_augmentation.mixup(x, torch.tensor([0, 1]), 2, seeded()),
    ),
    "images.augmentation.mixup.targets": (
        whole(2, high=2),
        torch.int64,
        lambda x: image_augmentation.mixup(real(2, 3, 8, 10), x, 2, seeded()),
    ),
    "images.colour.to_grey.images": (IMAGES, colour.to_grey),
    "images.colour.srgb_to_linear.values": (SWITCHES, colour.srgb_to_linear),
    "images.colour.linear_to_srgb.light": (SWITCHES, colour.linear_to_srgb),
    "images.transforms.check_shape.images": (IMAGES, transforms.check_shape),
    "images.transforms.check_real.images": (IMAGES, transforms.check_real),
    "images.transforms.check_unit.values": (SWITCHES, transforms.check_unit),
    "images.transforms.check_images.images": (IMAGES, transforms.check_images),
    "images.transforms.add_noise.images": (
        IMAGES,
        lambda x: transforms.add_noise(x, 0.3, seeded()),
    ),
    "images.transforms.add_noise.sigma": (
        whole(2, high=3),
        lambda x: transforms.add_noise(real(2, 3, 8, 10), x, seeded()),
    ),
    "images.transforms.blur.images": (IMAGES, lambda x: transforms.blur(x, 0.7)),
    "images.transforms.blur.sigma": (
        whole(2, high=3),
        lambda x: transforms.blur(real(2, 3, 8, 10), x),
    ),
    "audio.raw.isolate_word.waveform": (CLIPS[0], lambda x: raw.isolate_word(x, 300)),
    "audio.features.stretch.frames": (BANDS[0], lambda x: features.stretch(x, 9)),
    "audio.features.features.clips": (
        CLIPS,
        lambda x: features.features("log-mel", list(x), 4),
    ),
    "audio.frame_statistics.frame_statistics.frames": (
        CLIPS,
        frame_statistics.frame_statistics,
    ),
    "audio.mel.hertz_to_mel.hertz": (whole(50), mel.hertz_to_mel),
    "audio.mel.mel_to_hertz.mel": (whole(50, high=40), mel.mel_to_hertz),
    "audio.mel.log_mel_spectrogram.waveforms": (
        CLIPS,
        lambda x: mel.log_mel_spectrogram(x, SPECTROGRAM),
    ),
    "audio.mel.normalise_bands.log_mel": (BANDS, mel.normalise_bands),
    "audio.mel.normalise_bands.mask": (
        whole(2, 6, high=2),
        torch.bool,
        lambda x: mel.normalise_bands(real(2, 6, 40), x),
    ),
    "audio.mel.mfcc.log_mel": (BANDS, mel.mfcc),
    "audio.mel.deltas.features": (BANDS, mel.deltas),
    "images.principal_components.PrincipalComponents.of.images": (
        IMAGES,
        lambda x: PrincipalComponents.of(x).variances,
    ),
    "images.principal_components.PrincipalComponents.keep.images": (
        IMAGES,
        lambda x: PrincipalComponents.of(real(4, 3, 8, 10)).keep(x, 0.5),
    ),
    "images.near_duplicates.perceptual_hash.images": (
        PHOTOGRAPHS,
        torch.uint8,
        near_duplicates.perceptual_hash,
    ),
    "images.near_duplicates.hamming_distance.first": (
        whole(3, 9, high=2),
        torch.bool,
        lambda x: near_duplicates.hamming_distance(x, real(2, 9) > 0.5),
    ),
    "images.near_duplicates.hamming_distance.second": (
        whole(3, 9, high=2),
        torch.bool,
        lambda x: near_duplicates.hamming_distance(real(2, 9) > 0.5, x),
    ),
    "images.near_duplicates.near_duplicates.hashes": (
        whole(3, 9, high=2),
        torch.bool,
        near_duplicates.near_duplicates,
    ),
    "images.patches.to_patches.images": (IMAGES, lambda x: patches.to_patches(x, 2)),
    "images.patches.from_patches.patches": (
        whole(2, 20, 12),
        lambda x: patches.from_patches(x, 3, 8, 10),
    ),
    "audio.quantisation.quantise.waveforms": (CLIPS, lambda x: quantisation.quantise(x, 8)),
    "audio.quantisation.mu_law.waveforms": (SWITCHES, quantisation.mu_law),
    "audio.quantisation.inverse_mu_law.squeezed": (SWITCHES, quantisation.inverse_mu_law),
    "ranges.check_floating.values": (CLIPS, lambda x: ranges.check_floating(x, "values")),
    "ranges.check_mask.mask": (
        whole(2, 6, high=2),
        torch.bool,
        lambda x: ranges.check_mask(x, (2, 6)),
    ),
    "ranges.finite_samples.values": (CLIPS, ranges.finite_samples),
    "ranges.per_sample.value": (whole(3), lambda x: ranges.per_sample(x, 3, "value", low=0)),
    "audio.resampling.resample.waveforms": (
        CLIPS,
        lambda x: audio_resampling.resample(x, 8000, 11025),
    ),
    "images.resampling.resize_matrices.start": (
        whole(2, high=3),
        lambda x: image_resampling.resize_matrices(8, 5, "area", x, real(2) + 4),
    ),
    "images.resampling.resize_matrices.length": (
        whole(2, high=3) + 2,
        lambda x: image_resampling.resize_matrices(8, 5, "area", real(2), x),
    ),
    "images.resampling.resample.images": (IMAGES, lambda x: image_resampling.resample(x, 5, 5)),
    "audio.augmentation.change_speed.clips": (
        CLIPS,
        lambda x: audio_augmentation.change_speed(x, 1.1),
    ),
    "audio.augmentation.change_speed.factor": (
        whole(2, high=3) + 1,
        lambda x: audio_augmentation.change_speed(real(2, 50), x),
    ),
    "audio.augmentation.room_responses.seconds": (
        whole(2, high=2) + 1,
        lambda x: audio_augmentation.room_responses(2, x, 800, seeded()),
    ),
    "audio.augmentation.reverberate.clips": (
        CLIPS,
        lambda x: audio_augmentation.reverberate(x, real(1, 9)),
    ),
    "audio.augmentation.reverberate.responses": (
        whole(1, 9),
        lambda x: audio_augmentation.reverberate(real(2, 50), x),
    ),
    "audio.augmentation.spec_augment.log_mel": (
        BANDS,
        lambda x: audio_augmentation.spec_augment(
            x, audio_augmentation.SpecAugmentConfig(), seeded()
        ),
    ),
    "audio.batches.frame_mask.samples": (
        torch.tensor([250.0, 90.0]),
        torch.int64,
        lambda x: audio_batches.frame_mask(x, 300),
    ),
    "audio.batches.log_mel_tokens.clips": (
        CLIPS,
        lambda x: audio_batches.log_mel_tokens([x[0], x[1, :300]], SPECTROGRAM).values,
    ),
    "audio.checks.check_clips.clips": (CLIPS, lambda x: checks.check_clips(list(x))),
    "audio.checks.check_waveforms.waveforms": (CLIPS, checks.check_waveforms),
    "audio.spectrogram.frame.waveforms": (CLIPS, lambda x: spectrogram.frame(x, 16, 8)),
    "audio.spectrogram.stft.waveforms": (CLIPS, lambda x: spectrogram.stft(x, HANN, 8)),
    "audio.spectrogram.stft.window": (whole(16), lambda x: spectrogram.stft(real(2, 50), x, 8)),
    "audio.spectrogram.inverse_stft.spectrum": (
        whole(2, 7, 9),
        torch.complex64,
        lambda x: spectrogram.inverse_stft(x, HANN, 8, 40),
    ),
    "audio.spectrogram.inverse_stft.window": (
        whole(16) + 1,
        lambda x: spectrogram.inverse_stft(real(2, 7, 9) + 0j, x, 8, 40),
    ),
    "audio.spectrogram.power.spectrum": (whole(2, 7, 9), torch.complex64, spectrogram.power),
    "audio.waveforms.one_channel.samples": (
        SWITCHES[0, 0],
        lambda x: waveforms.one_channel(x, 8000, 8000),
    ),
    "audio.waveforms.fit_length.clip": (CLIPS, lambda x: waveforms.fit_length(x, 300)),
    "audio.waveforms.clipped_share.waveforms": (CLIPS, waveforms.clipped_share),
    "audio.waveforms.normalise_level.clip": (CLIPS, waveforms.normalise_level),
    "audio.waveforms.mix_at_snr.speech": (
        CLIPS,
        lambda x: waveforms.mix_at_snr(x, real(2, 400), 3.5),
    ),
    "audio.waveforms.mix_at_snr.noise": (
        CLIPS,
        lambda x: waveforms.mix_at_snr(real(2, 400), x, 3.5),
    ),
    "audio.waveforms.mix_at_snr.snr_db": (
        whole(2),
        lambda x: waveforms.mix_at_snr(real(2, 50), real(2, 50), x),
    ),
    "audio.waveforms.measure_snr.speech": (CLIPS, lambda x: waveforms.measure_snr(x, real(2, 400))),
    "audio.waveforms.measure_snr.noise": (CLIPS, lambda x: waveforms.measure_snr(real(2, 400), x)),
    "standardiser.Standardiser.fit.values": (
        IMAGES,
        lambda x: vars(standardiser.Standardiser.fit(x, 1)),
    ),
    "standardiser.Standardiser.fit.mask": (
        whole(2, 6, high=2),
        torch.bool,
        lambda x: vars(standardiser.Standardiser.fit(real(2, 6, 40), 2, x)),
    ),
    "standardiser.Standardiser.__call__.values": (IMAGES, FITTED),
    "standardiser.Standardiser.undo.standardised": (IMAGES, FITTED.undo),
    "audio.voice_activity.frame_levels.waveforms": (
        CLIPS,
        lambda x: voice_activity.frame_levels(x, 50, 25),
    ),
    "audio.streaming.resample_blocks.blocks": (
        CLIPS,
        lambda x: torch.cat(list(streaming.resample_blocks(x, 8000, 11025))),
    ),
    "audio.voice_activity.voice_activity.waveforms": (CLIPS, voice_activity.voice_activity),
    "audio.voice_activity.trim.clip": (
        torch.cat([torch.zeros(400), CLIPS[0]]),
        voice_activity.trim,
    ),
}

CALLS |= {f"audio.faults.{name}": call for name, call in fault_calls.CALLS.items()}

PHOTOGRAPH = np.arange(6 * 5 * 3).reshape(6, 5, 3) % 2
OPAQUE = np.concatenate([PHOTOGRAPH, np.ones((6, 5, 1), int)], axis=2)
DRAWN = np.pad(np.full((3, 2, 3), 100), ((3, 3), (3, 3), (0, 0)))
ARRAYS = {
    "images.digits.contrast.pixels": (DRAWN, digits.contrast),
    "images.digits.find_ink.pixels": (DRAWN, digits.find_ink),
    "images.digits.centre_digit.pixels": (DRAWN, digits.centre_digit),
    "images.digits.fit_garment.pixels": (DRAWN, digits.fit_garment),
    "images.files.over_white.pixels": (OPAQUE, image_files.over_white),
    "images.colour.clahe.image": (PHOTOGRAPH, colour.clahe),
    "images.colour.denoise.image": (PHOTOGRAPH, colour.denoise),
    "images.files.to_rgb.pixels": (PHOTOGRAPH, lambda x: image_files.to_rgb(x, False)),
    "images.transforms.resize_image.image": (
        PHOTOGRAPH,
        lambda x: transforms.resize_image(x, 4, 9),
    ),
    "images.transforms.resize.images": (PHOTOGRAPH[None], lambda x: transforms.resize(x, 4)),
    "images.transforms.stretch.image": (PHOTOGRAPH, lambda x: transforms.stretch(x, 4)),
    "images.transforms.centre_crop.image": (PHOTOGRAPH, lambda x: transforms.centre_crop(x, 4)),
    "images.transforms.letterbox.image": (PHOTOGRAPH, lambda x: transforms.letterbox(x, 4)),
    "images.transforms.highest_value.image": (PHOTOGRAPH, transforms.highest_value),
    "images.transforms.check_image.image": (PHOTOGRAPH, lambda x: transforms.check_image(x, 4, 4)),
    "images.transforms.to_tensor.images": (PHOTOGRAPH[None], transforms.to_tensor),
}


def public_functions(module):
    """The functions that a module defines, and the methods of its classes, by name."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            for method in vars(thing):
                if method == "__call__" or not method.startswith("_"):
                    yield f"{name}.{method}", getattr(thing, method)


def arguments(kind):
    """Each argument of a public function for images or sound whose annotation names a kind."""
    for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        if found.name.startswith(TEXT):
            continue
        module = importlib.import_module(found.name)
        for name, function in public_functions(module):
            if not callable(function):
                continue
            for argument, parameter in inspect.signature(function).parameters.items():
                if kind in str(parameter.annotation):
                    yield f"{found.name}.{name}.{argument}".removeprefix(f"{room.__name__}.")


def test_every_public_function_for_images_and_sound_is_listed():
    assert set(arguments("Tensor")) == set(CALLS)
    assert set(arguments("ndarray")) == set(ARRAYS)


def outcome(call, values):
    """What a function returns, or the kind of ValueError that it raises."""
    try:
        return call(values)
    except ValueError as error:
        assert len(str(error)) > 20, "the error says what would be right"
        return error


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("kind", [torch.uint8, torch.int16, torch.int64], ids=str)
def test_whole_numbers_give_the_right_value_or_a_named_error(name, kind):
    values, *wanted, call = CALLS[name]
    expected = call(values.to(wanted[0] if wanted else torch.float32))
    found = outcome(call, values.to(kind))
    if not isinstance(found, ValueError):
        torch.testing.assert_close(as_floats(found), as_floats(expected))


def as_floats(result):
    if isinstance(result, torch.Tensor):
        return result.to(torch.complex64) if result.is_complex() else result.float()
    if isinstance(result, Mapping):
        return {name: as_floats(value) for name, value in result.items()}
    return [as_floats(one) for one in result] if isinstance(result, tuple | list) else result


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("kind", [np.int8, np.int32, np.int64, np.uint32, np.float16, bool])
def test_arrays_of_another_type_are_refused(name, kind):
    values, call = ARRAYS[name]
    call(values.astype(np.uint8))
    with pytest.raises(transforms.ImageError, match="uint8"):
        call(values.astype(kind))
