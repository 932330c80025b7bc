"""All measurements of recorded results as a table that a reader can scan."""

from collections.abc import Sequence

from mmbook.evaluation.result import Condition, Key, Result

# Metrics that are shares of a whole, so that a hundredth is a per cent.
SHARES = frozenset(
    {
        *("accuracy", "additive_accuracy", "worst_class_accuracy", "rotated_accuracy"),
        *("recall_at_1", "recall_at_5", "recall_at_10", "demonstration_recall_at_10"),
        *("colour", "complete", "every", "place", "shape", "shape_after", "shape_read_out", "size"),
        *("bleu_1", "bleu_2", "bleu_3", "bleu_4", "distinct"),
        *("clean_flagged", "confidence", "overconfidence", "precision_at_10", "unreadable"),
        *("share_of_tokens_that_are_no_text", "share_that_occurs_once", "share_with_negation"),
        *("share_with_place", "unknown_rate"),
        *("accepted", "repeated", "wrong"),
        *("blank_share", "character_error_rate", "word_error_rate"),
    }
)
UNITS = {
    "audio_snr_db": "dB",
    "characters_per_token": "characters",
    "seconds": "s",
    "snr_error": "dB",
    "vocabulary_size": "tokens",
    "words": "a caption",
}


def measurements_table(results: Sequence[Result]) -> str:
    """A Markdown table: mean ± standard deviation over the seeds, a column a result.

    results: of one experiment, a tier each. A system is named once, above its measurements; shares
    are in per cent, and other units stand behind the name of the metric. Raises ValueError for no
    results.
    """
    if not results:
        raise ValueError("a table needs one result or more")
    lines = [
        f"| system | metric | where | {' | '.join(r.tier for r in results)} |",
        "|---" * (len(results) + 3) + "|",
        f"| held out | | | {' | '.join(r.split for r in results)} |",
        f"| seeds | | | {' | '.join(str(len(r.seeds)) for r in results)} |",
    ]
    summaries = [_summaries(result) for result in results]
    every = {key: condition for found in summaries for key, (condition, _) in found.items()}
    systems = list(dict.fromkeys(system for system, _, _ in every))
    above = ""
    for key in sorted(every, key=lambda key: systems.index(key[0])):
        system, metric, _ = key
        cells = [_cell(metric, found[key][1]) if key in found else "" for found in summaries]
        name, above = "" if system == above else system, system
        head = f"| {name} | {_in_words(metric)} | {_conditions(every[key])} |"
        lines.append(f"{head} {' | '.join(cells)} |")
    return "\n".join(lines)


def _summaries(result: Result) -> dict[Key, tuple[Condition, tuple[float, float]]]:
    """Of each measurement its condition, in the order of the record, and mean and deviation."""
    found = zip(result.measurements(), result.summaries().values(), strict=True)
    return {(s, m, frozenset(c.items())): (c, summary) for (s, m, c), summary in found}


def _cell(metric: str, summary: tuple[float, float]) -> str:
    """Mean and deviation with as many decimals as can be read."""
    if metric in SHARES:
        return "{:.1f} ± {:.1f}".format(*(100 * number for number in summary))
    return "{:.{n}f} ± {:.{n}f}".format(*summary, n=3 if abs(summary[0]) < 100 else 1)


def _in_words(metric: str) -> str:
    unit = "%" if metric in SHARES else UNITS.get(metric)
    words = metric.replace("_", " ")
    return f"{words}, {unit}" if unit else words


def _conditions(condition: Condition) -> str:
    """A condition in words: "language en; beam 5"."""
    return "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in condition.items())
