"""How far what was recognised is from what was said: edits, and rates of errors."""

from collections.abc import Sequence
from typing import Any


def edit_distance(reference: Sequence[Any], found: Sequence[Any]) -> int:
    """The fewest insertions, deletions and substitutions that make one sequence of another.

    Of strings, edits of characters; of lists of words, of words. Source: Levenshtein 1966.
    """
    row = list(range(len(found) + 1))  # edits from nothing to each beginning of what was found
    for i, wanted in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, got in enumerate(found, 1):
            diagonal, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, diagonal + (wanted != got)),
            )
    return row[-1]


def error_rate(references: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]]) -> float:
    """All edits over all that was said: of lists of words the word error rate, of strings that of
    characters. It can be above 1.

    Raises ValueError where the numbers of sequences differ, or nothing was said.
    """
    if len(references) != len(found):
        raise ValueError(f"{len(references)} references need as many sequences, not {len(found)}")
    said = sum(map(len, references))
    if not said:
        raise ValueError("nothing was said, so no share of it can be wrong")
    return sum(map(edit_distance, references, found)) / said


def word_error_rate(references: Sequence[str], found: Sequence[str]) -> float:
    """`error_rate` of words, which blanks part."""
    return error_rate([text.split() for text in references], [text.split() for text in found])
