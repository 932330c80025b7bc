"""Training pairs for a language model, and its logits at real tokens."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.decoders import RecurrentLanguageModel
from mmbook.evaluation import perplexity, token_log_probabilities
from mmbook.models import NextToken, next_token_batch, shipped_language_model
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
    inputs, targets = samples.inputs["text"], samples.target
    assert torch.equal(inputs != 0, targets != 0)
    for row, sentence in enumerate(sentences):
        assert inputs[row][inputs[row] != 0].tolist() == sentence[:-1]
        assert targets[row][targets[row] != 0].tolist() == sentence[1:]


@settings(max_examples=20, deadline=None)
@given(sentences=SENTENCES, extra=st.integers(0, 3))
def test_logits_are_those_of_the_real_tokens(sentences: list[list[int]], extra: int) -> None:
    torch.manual_seed(0)
    model = RecurrentLanguageModel(10, 4).double()
    ids = next_token_batch(sentences).inputs["text"]
    ids = torch.cat([ids, torch.zeros(len(ids), extra, dtype=torch.int64)], dim=1)
    found = NextToken(model)({"text": ids})
    alone = [model(torch.tensor([sentence[:-1]]))[0] for sentence in sentences]
    torch.testing.assert_close(found, torch.cat(alone), atol=1e-12, rtol=0)


def test_a_sentence_of_one_token_is_refused() -> None:
    with pytest.raises(ValueError, match="sentence 1 has no next token"):
        next_token_batch([[2, 3], [2]])


def test_the_shipped_model_predicts_sentences_it_never_saw() -> None:
    model, vocabulary = shipped_language_model()
    assert len(vocabulary) == model.embedding.num_embeddings
    assert model.output.weight is model.embedding.weight and not model.training
    story = " ".join(read_lines(data_folder() / "english" / "sentences.txt"))
    words = [split_words(fold_case(text)) for text in split_sentences(story, shipped_punkt())]
    rows = [vocabulary.encode(drop_punctuation(row), marks=True) for row in words]
    found = token_log_probabilities(NextToken(model), next_token_batch(rows))
    assert perplexity(found) < len(vocabulary) / 20
