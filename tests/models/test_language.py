"""Training pairs for a language model, and its logits at real tokens."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.batch import Batch, Padded
from mmbook.decoders import RecurrentDecoder, TransformerDecoder
from mmbook.evaluation import perplexity, token_log_probabilities
from mmbook.losses import IGNORED, cross_entropy
from mmbook.models import NextToken, next_token_batch, next_token_loss, shipped_language_model
from mmbook.paths import data_folder
from mmbook.preprocessing.text.characters import read_lines
from mmbook.preprocessing.text.normalisation import drop_punctuation, fold_case
from mmbook.preprocessing.text.sentences import shipped_punkt, split_sentences
from mmbook.preprocessing.text.words import split_words

SENTENCES = st.lists(
    st.lists(st.integers(4, 9), max_size=5).map(lambda words: [2, *words, 3]),
    min_size=1,
    max_size=5,
)


@given(sentences=SENTENCES)
def test_each_token_is_asked_for_the_next(sentences: list[list[int]]) -> None:
    samples = next_token_batch(sentences)
    text, targets = samples.inputs["text"], samples.targets["next"]
    assert text.mask.equal(targets != IGNORED)
    for row, sentence in enumerate(sentences):
        assert text.values[row, : text.lengths[row]].tolist() == sentence[:-1]
        assert targets[row, : text.lengths[row]].tolist() == sentence[1:]


@pytest.mark.parametrize("maker", [RecurrentDecoder, TransformerDecoder])
@settings(max_examples=15, deadline=None)
@given(sentences=SENTENCES, extra=st.integers(0, 3))
def test_logits_where_a_text_is_real_are_those_of_the_text_alone(
    maker: type, sentences: list[list[int]], extra: int
) -> None:
    torch.manual_seed(0)
    model = maker(10, 8).double()
    text = next_token_batch(sentences).inputs["text"]
    junk = torch.full((len(text), extra), 7)
    longer = Padded(torch.cat([text.values, junk], dim=1), text.lengths)
    found, same = (NextToken(model)({"text": x}) for x in (longer, text.filled(0)))
    for row, sentence in enumerate(sentences):
        alone = model(None, torch.tensor([sentence[:-1]]))[0]
        torch.testing.assert_close(found[row, : len(alone)], alone)
        torch.testing.assert_close(same[row, : len(alone)], alone)


@settings(max_examples=30, deadline=None)
@given(sentences=SENTENCES, rows=st.lists(st.integers(0, 4), min_size=1, max_size=3))
def test_the_loss_is_over_what_counts(sentences: list[list[int]], rows: list[int]) -> None:
    torch.manual_seed(0)
    model = NextToken(RecurrentDecoder(10, 4).double())
    places = [row % len(sentences) for row in rows]
    batch = next_token_batch(sentences)[torch.tensor(places)]  # cut to the longest of these
    ignored = batch.targets["next"].clone()
    ignored[0, 0] = IGNORED  # as a prompt would be
    loss = next_token_loss(model, Batch(batch.inputs, {"next": ignored}))
    logs = [
        -model.model(None, torch.tensor([sentences[place][:-1]]))[0].log_softmax(dim=-1)[t, token]
        for i, place in enumerate(places)
        for t, token in enumerate(sentences[place][1:])
        if (i, t) != (0, 0)
    ]
    assert int(loss.count) == len(logs)
    torch.testing.assert_close(loss.total, torch.stack(logs).sum() if logs else 0 * loss.total)
    whole = cross_entropy(model(batch.inputs), ignored[:, : batch.inputs["text"].values.shape[1]])
    torch.testing.assert_close(whole.total, loss.total)


def test_the_token_156_of_uint8_counts() -> None:
    model = NextToken(RecurrentDecoder(200, 4))
    batch = next_token_batch([[2, 156, 3]])
    narrow = Batch(batch.inputs, {"next": batch.targets["next"].to(torch.uint8)})
    found, expected = next_token_loss(model, narrow), next_token_loss(model, batch)
    assert found.total == expected.total and int(found.count) == 2


def test_the_loss_is_of_one_kind_of_model() -> None:
    with pytest.raises(ValueError, match="by NextToken, not RecurrentDecoder"):
        next_token_loss(RecurrentDecoder(10, 4), next_token_batch([[2, 4, 3]]))


def test_a_sentence_of_one_token_is_refused() -> None:
    with pytest.raises(ValueError, match="sentence 1 has no next token"):
        next_token_batch([[2, 3], [2]])


def test_padding_before_what_is_real_is_refused() -> None:
    with pytest.raises(ValueError, match="sentence 1 holds padding, id 0, at place 0"):
        next_token_batch([[2, 5, 3], [0, 0, 2, 5]])
    with pytest.raises(ValueError, match="sentence 0 holds padding, id 9, at place 1"):
        next_token_batch([[2, 9, 3]], pad=9)
    model = NextToken(RecurrentDecoder(10, 4))
    with pytest.raises(ValueError, match="row 1 of the text has id 0 before"):
        model({"text": torch.tensor([[2, 5, 0, 0], [0, 0, 2, 5]])})


# Computed before decoders could read a memory: the same file must go on saying the same.
ONCE = {
    "log p": [
        -2.5762749648153713, -4.409712189005257, -0.6467142063680453, -0.9676127563892459,
        -5.824867074357726, -0.3813657003960608, -1.6524948153578285,
    ],
    "largest": {0: (4, 7.637716), 3: (6, 8.303212), 7: (3, 9.898631)},
}  # fmt: skip


def test_the_shipped_model_says_what_it_said() -> None:
    model, vocabulary = shipped_language_model()
    ids = vocabulary.encode(["he", "asked", "me", "to", "open", "the", "window"], marks=True)
    assert ids == [2, 12, 178, 22, 6, 245, 5, 405, 3]
    logits = model(None, torch.tensor([ids[:-1]]))[0].detach().double()
    logs = logits.log_softmax(dim=-1)[range(7), ids[1:-1]]
    torch.testing.assert_close(logs, torch.tensor(ONCE["log p"]).double(), atol=1e-6, rtol=0)
    for place, (index, value) in ONCE["largest"].items():
        assert int(logits[place].argmax()) == index
        assert abs(float(logits[place, index]) - value) < 2e-6  # of six digits


def test_the_shipped_model_predicts_sentences_it_never_saw() -> None:
    model, vocabulary = shipped_language_model()
    assert len(vocabulary) == model.embedding.num_embeddings
    assert model.output.weight is model.embedding.weight and not model.training
    story = " ".join(read_lines(data_folder() / "english" / "sentences.txt"))
    words = [split_words(fold_case(text)) for text in split_sentences(story, shipped_punkt())]
    rows = [vocabulary.encode(drop_punctuation(row), marks=True) for row in words]
    found = token_log_probabilities(NextToken(model), next_token_batch(rows))
    assert perplexity(found) < len(vocabulary) / 20
