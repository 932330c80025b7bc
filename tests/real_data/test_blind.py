import pytest

from mmbook.datasets import load
from mmbook.datasets.blind import question_only_accuracy


def test_two_thirds_of_easy_vqa_need_no_image():
    train, test = (load("easy-vqa", split, size=16) for split in ("train", "test"))
    assert question_only_accuracy(train, test) == pytest.approx(0.670, abs=0.001)
    assert max(map(test.answers.count, test.classes)) / len(test) == pytest.approx(0.373, abs=0.001)
