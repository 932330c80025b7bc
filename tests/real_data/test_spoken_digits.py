"""The shipped ear on recordings of people whom it never heard."""

from mmbook.datasets.real.fsdd import list_recordings
from mmbook.datasets.small.spoken_digits import FSDD_TEST_SPEAKERS
from mmbook.experiments.spoken_digits import load_clips
from mmbook.models import load_pretrained


def test_no_voice_is_in_training_and_in_a_test() -> None:
    train, tests = load_clips("full")
    assert set(tests["recorded"].voices) == set(FSDD_TEST_SPEAKERS)
    for test in tests.values():
        assert not set(train.voices) & set(test.voices)


def test_files_of_strangers_are_understood() -> None:
    model = load_pretrained("spoken-digits")
    files = [r for r in list_recordings() if r.speaker in FSDD_TEST_SPEAKERS][::5]
    right = [model.predict(recording.path).label == str(recording.digit) for recording in files]
    assert len(files) == 200 and sum(right) >= 0.7 * len(files)
