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
from mmbook.preprocessing import (
    augmentation,
    colour,
    image_files,
    images,
    mel,
    near_duplicates,
    patches,
    quantisation,
    ranges,
    resampling,
    sampling,
    sound_augmentation,
    sound_batches,
    sounds,
    spectrogram,
    speech,
    standardiser,
    voice_activity,
)

TEXT = {  # their tensors are numbers of words, which are whole
    "bag_of_words",
    "bpe",
    "bpe_training",
    "normalisation",
    "segmentation",
    "sentences",
    "text",
    "vocabulary",
    "words",
}


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
    "augmentation.random_flip.images": (
        IMAGES,
        lambda x: augmentation.random_flip(x, seeded()),
    ),
    "augmentation.random_crop.images": (
        IMAGES,
        lambda x: augmentation.random_crop(x, 5, seeded()),
    ),
    "augmentation.random_resized_crop.images": (
        IMAGES,
        lambda x: augmentation.random_resized_crop(x, 5, seeded()),
    ),
    "augmentation.random_affine.images": (
        IMAGES,
        lambda x: augmentation.random_affine(x, seeded()),
    ),
    "augmentation.affine_matrices.angle": (
        whole(2, high=3),
        lambda x: augmentation.affine_matrices(x, real(2) + 1, real(2, 2), (3.5, 4.5)),
    ),
    "augmentation.affine_matrices.scale": (
        whole(2, high=3) + 1,
        lambda x: augmentation.affine_matrices(real(2), x, real(2, 2), (3.5, 4.5)),
    ),
    "augmentation.affine_matrices.shift": (
        whole(2, 2),
        lambda x: augmentation.affine_matrices(real(2), real(2) + 1, x, (3.5, 4.5)),
    ),
    "augmentation.warp.images": (IMAGES, lambda x: augmentation.warp(x, IDENTITY * 0.9)),
    "augmentation.warp.matrices": (IDENTITY, lambda x: augmentation.warp(real(2, 3, 8, 10), x)),
    "augmentation.jitter_colour.images": (
        SWITCHES,
        lambda x: augmentation.jitter_colour(x, seeded()),
    ),
    "augmentation.random_erase.images": (
        IMAGES,
        lambda x: augmentation.random_erase(x, seeded(), fill=0.5),
    ),
    "augmentation.mixup.images": (
        IMAGES,
        lambda x: augmentation.mixup(x, torch.tensor([0, 1]), 2, seeded()),
    ),
    "augmentation.mixup.targets": (
        whole(2, high=2),
        torch.int64,
        lambda x: augmentation.mixup(real(2, 3, 8, 10), x, 2, seeded()),
    ),
    "colour.to_grey.images": (IMAGES, colour.to_grey),
    "colour.to_light.values": (SWITCHES, colour.to_light),
    "colour.from_light.light": (SWITCHES, colour.from_light),
    "images.check_shape.images": (IMAGES, images.check_shape),
    "images.check_real.images": (IMAGES, images.check_real),
    "images.check_unit.values": (SWITCHES, images.check_unit),
    "images.check_images.images": (IMAGES, images.check_images),
    "images.add_noise.images": (IMAGES, lambda x: images.add_noise(x, 0.3, seeded())),
    "images.add_noise.sigma": (
        whole(2, high=3),
        lambda x: images.add_noise(real(2, 3, 8, 10), x, seeded()),
    ),
    "images.blur.images": (IMAGES, lambda x: images.blur(x, 0.7)),
    "images.blur.sigma": (whole(2, high=3), lambda x: images.blur(real(2, 3, 8, 10), x)),
    "mel.hertz_to_mel.hertz": (whole(50), mel.hertz_to_mel),
    "mel.mel_to_hertz.mel": (whole(50, high=40), mel.mel_to_hertz),
    "mel.log_mel_spectrogram.waveforms": (
        CLIPS,
        lambda x: mel.log_mel_spectrogram(x, SPECTROGRAM),
    ),
    "mel.normalise_bands.log_mel": (BANDS, mel.normalise_bands),
    "mel.normalise_bands.mask": (
        whole(2, 6, high=2),
        torch.bool,
        lambda x: mel.normalise_bands(real(2, 6, 40), x),
    ),
    "mel.mfcc.log_mel": (BANDS, mel.mfcc),
    "mel.deltas.features": (BANDS, mel.deltas),
    "near_duplicates.perceptual_hash.images": (
        PHOTOGRAPHS,
        torch.uint8,
        near_duplicates.perceptual_hash,
    ),
    "near_duplicates.hamming_distance.first": (
        whole(3, 9, high=2),
        torch.bool,
        lambda x: near_duplicates.hamming_distance(x, real(2, 9) > 0.5),
    ),
    "near_duplicates.hamming_distance.second": (
        whole(3, 9, high=2),
        torch.bool,
        lambda x: near_duplicates.hamming_distance(real(2, 9) > 0.5, x),
    ),
    "near_duplicates.near_duplicates.hashes": (
        whole(3, 9, high=2),
        torch.bool,
        near_duplicates.near_duplicates,
    ),
    "patches.to_patches.images": (IMAGES, lambda x: patches.to_patches(x, 2)),
    "patches.from_patches.patches": (
        whole(2, 20, 12),
        lambda x: patches.from_patches(x, 3, 8, 10),
    ),
    "quantisation.quantise.waveforms": (CLIPS, lambda x: quantisation.quantise(x, 8)),
    "quantisation.mu_law.waveforms": (SWITCHES, quantisation.mu_law),
    "quantisation.inverse_mu_law.squeezed": (SWITCHES, quantisation.inverse_mu_law),
    "ranges.check_floating.values": (CLIPS, lambda x: ranges.check_floating(x, "values")),
    "ranges.check_mask.mask": (
        whole(2, 6, high=2),
        torch.bool,
        lambda x: ranges.check_mask(x, (2, 6)),
    ),
    "ranges.per_sample.value": (whole(3), lambda x: ranges.per_sample(x, 3, "value", low=0)),
    "resampling.resample.waveforms": (CLIPS, lambda x: resampling.resample(x, 8000, 11025)),
    "sampling.sampling_matrices.start": (
        whole(2, high=3),
        lambda x: sampling.sampling_matrices(8, 5, "area", x, real(2) + 4),
    ),
    "sampling.sampling_matrices.length": (
        whole(2, high=3) + 2,
        lambda x: sampling.sampling_matrices(8, 5, "area", real(2), x),
    ),
    "sampling.resample.images": (IMAGES, lambda x: sampling.resample(x, 5, 5)),
    "sound_augmentation.change_speed.clips": (
        CLIPS,
        lambda x: sound_augmentation.change_speed(x, 1.1),
    ),
    "sound_augmentation.change_speed.factor": (
        whole(2, high=3) + 1,
        lambda x: sound_augmentation.change_speed(real(2, 50), x),
    ),
    "sound_augmentation.room_responses.seconds": (
        whole(2, high=2) + 1,
        lambda x: sound_augmentation.room_responses(2, x, 800, seeded()),
    ),
    "sound_augmentation.reverberate.clips": (
        CLIPS,
        lambda x: sound_augmentation.reverberate(x, real(1, 9)),
    ),
    "sound_augmentation.reverberate.responses": (
        whole(1, 9),
        lambda x: sound_augmentation.reverberate(real(2, 50), x),
    ),
    "sound_augmentation.spec_augment.log_mel": (
        BANDS,
        lambda x: sound_augmentation.spec_augment(
            x, sound_augmentation.SpecAugmentConfig(), seeded()
        ),
    ),
    "sound_batches.frame_mask.samples": (
        torch.tensor([250.0, 90.0]),
        torch.int64,
        lambda x: sound_batches.frame_mask(x, 300),
    ),
    "sound_batches.log_mel_tokens.clips": (
        CLIPS,
        lambda x: sound_batches.log_mel_tokens([x[0], x[1, :300]], SPECTROGRAM).values,
    ),
    "sounds.check_waveforms.waveforms": (CLIPS, sounds.check_waveforms),
    "spectrogram.frame.waveforms": (CLIPS, lambda x: spectrogram.frame(x, 16, 8)),
    "spectrogram.stft.waveforms": (CLIPS, lambda x: spectrogram.stft(x, HANN, 8)),
    "spectrogram.stft.window": (whole(16), lambda x: spectrogram.stft(real(2, 50), x, 8)),
    "spectrogram.inverse_stft.spectrum": (
        whole(2, 7, 9),
        torch.complex64,
        lambda x: spectrogram.inverse_stft(x, HANN, 8, 40),
    ),
    "spectrogram.inverse_stft.window": (
        whole(16) + 1,
        lambda x: spectrogram.inverse_stft(real(2, 7, 9) + 0j, x, 8, 40),
    ),
    "spectrogram.power.spectrum": (whole(2, 7, 9), torch.complex64, spectrogram.power),
    "speech.fit_length.clip": (CLIPS, lambda x: speech.fit_length(x, 300)),
    "speech.clipped_share.waveforms": (CLIPS, speech.clipped_share),
    "speech.normalise_level.clip": (CLIPS, speech.normalise_level),
    "speech.mix_at_snr.speech": (CLIPS, lambda x: speech.mix_at_snr(x, real(2, 400), 3.5)),
    "speech.mix_at_snr.noise": (CLIPS, lambda x: speech.mix_at_snr(real(2, 400), x, 3.5)),
    "speech.mix_at_snr.snr_db": (
        whole(2),
        lambda x: speech.mix_at_snr(real(2, 50), real(2, 50), x),
    ),
    "speech.measure_snr.speech": (CLIPS, lambda x: speech.measure_snr(x, real(2, 400))),
    "speech.measure_snr.noise": (CLIPS, lambda x: speech.measure_snr(real(2, 400), x)),
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
    "voice_activity.frame_levels.waveforms": (
        CLIPS,
        lambda x: voice_activity.frame_levels(x, 50, 25),
    ),
    "voice_activity.voice_activity.waveforms": (CLIPS, voice_activity.voice_activity),
    "voice_activity.trim.clip": (
        torch.cat([torch.zeros(400), CLIPS[0]]),
        voice_activity.trim,
    ),
}

PHOTOGRAPH = np.arange(6 * 5 * 3).reshape(6, 5, 3) % 2
ARRAYS = {
    "colour.clahe.image": (PHOTOGRAPH, colour.clahe),
    "colour.denoise.image": (PHOTOGRAPH, colour.denoise),
    "image_files.to_rgb.pixels": (PHOTOGRAPH, lambda x: image_files.to_rgb(x, False)),
    "images.resize_image.image": (PHOTOGRAPH, lambda x: images.resize_image(x, 4, 9)),
    "images.resize.images": (PHOTOGRAPH[None], lambda x: images.resize(x, 4)),
    "images.stretch.image": (PHOTOGRAPH, lambda x: images.stretch(x, 4)),
    "images.centre_crop.image": (PHOTOGRAPH, lambda x: images.centre_crop(x, 4)),
    "images.letterbox.image": (PHOTOGRAPH, lambda x: images.letterbox(x, 4)),
    "images.highest_value.image": (PHOTOGRAPH, images.highest_value),
    "images.check_image.image": (PHOTOGRAPH, lambda x: images.check_image(x, 4, 4)),
    "images.to_tensor.images": (PHOTOGRAPH[None], images.to_tensor),
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
    for found in pkgutil.iter_modules(room.__path__):
        if found.name in TEXT:
            continue
        module = importlib.import_module(f"{room.__name__}.{found.name}")
        for name, function in public_functions(module):
            if not callable(function):
                continue
            for argument, parameter in inspect.signature(function).parameters.items():
                if kind in str(parameter.annotation):
                    yield f"{found.name}.{name}.{argument}"


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
    with pytest.raises(images.ImageError, match="uint8"):
        call(values.astype(kind))
