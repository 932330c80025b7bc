"""What a table of players holds: every sound, as loud as it is, with a name."""

import base64
import io
import re

import pytest
import soundfile
import torch

from mmbook.plotting.players import players

TONE = 0.1 * torch.sin(torch.arange(800) / 5)


def sounds(html: str) -> list[torch.Tensor]:
    found = re.findall(r"base64,([^\"]+)", html)
    read = [soundfile.read(io.BytesIO(base64.b64decode(text))) for text in found]
    assert all(rate == 8000 for _, rate in read)
    return [torch.from_numpy(clip).float() for clip, _ in read]


def test_each_sound_comes_back_at_its_own_level():
    quiet, loud = sounds(players({"tone": {"quiet": TONE, "loud": 9 * TONE}}, 8000).html)
    torch.testing.assert_close(quiet, TONE, atol=1e-4, rtol=0)
    torch.testing.assert_close(loud, 9 * TONE, atol=1e-4, rtol=0)


def test_each_player_has_a_name():
    html = players({"a < b": {"mild": TONE}, "hum": {"mild": TONE}}, 8000).html
    assert re.findall(r'aria-label="([^"]+)"', html) == ["a &lt; b: mild", "hum: mild"]
    assert html.count('<th scope="row">') == 2


def test_a_notebook_shows_the_table_or_says_what_it_is():
    shown = players({"tone": {"mild": TONE, "severe": TONE}}, 8000)
    assert shown._repr_html_() == shown.html
    assert repr(shown) == "2 sounds to listen to"


@pytest.mark.parametrize("rows", [{}, {"a": {"x": TONE}, "b": {"y": TONE}}])
def test_rows_need_the_same_columns(rows):
    with pytest.raises(ValueError, match="same columns"):
        players(rows, 8000)


@pytest.mark.parametrize("clip", [20 * TONE, TONE[None], TONE[:0], TONE * torch.nan])
def test_what_cannot_be_played_is_refused(clip):
    with pytest.raises(ValueError, match="hum: mild must be"):
        players({"hum": {"mild": clip}}, 8000)
