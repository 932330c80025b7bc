"""The drawings of attention: the shapes that they write are those that attention has."""

from mmbook.plotting.concepts.lookups import STEPS, draw_attention, draw_reverser


def test_the_reverser_says_how_wide_its_states_are() -> None:
    words = [text.get_text() for text in draw_reverser(7, 3).texts]
    assert words.count("L × 7") == 4 and {"last state: 7", "L × 3", "attention"} <= set(words)


def test_attention_has_every_step_and_every_shape() -> None:
    words = [text.get_text() for text in draw_attention().texts]
    assert set(STEPS) <= set(words) and words.count("L × S") == len(STEPS)
    assert {"L × d", "S × d", "$S × d_v$", "$L × d_v$"} <= set(words)
