"""What can be answered without looking: the baseline that every answer to a question must beat."""

from collections import Counter, defaultdict

from mmbook.datasets.collections import QuestionedImages


def question_only_accuracy(seen: QuestionedImages, asked: QuestionedImages) -> float:
    """The share of right answers of who knows the training answers, and sees no image.

    Each question gets the answer that was most frequent for it in `seen`, and one that was never
    seen gets the most frequent answer of all (in a draw, the one that came first). Raises
    ValueError where either holds no question. Source: Goyal et al. 2017, "language priors".
    """
    if not len(seen) or not len(asked):
        raise ValueError(f"there must be questions in both, got {len(seen)} and {len(asked)}")
    answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for question, answer in zip(seen.questions, seen.answers, strict=True):
        answers[question][answer] += 1
    common = Counter(seen.answers)
    guesses = (answers.get(question, common).most_common(1)[0][0] for question in asked.questions)
    right = sum(guess == answer for guess, answer in zip(guesses, asked.answers, strict=True))
    return right / len(asked)
