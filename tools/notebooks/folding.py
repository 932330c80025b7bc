"""What of an exercise is folded: its solution, and its check, in which the answer stands."""

from nbformat import NotebookNode

from tools.editions.chapter import Exercise, exercises
from tools.notebooks.book import tags


def fold_exercises(notebook: NotebookNode) -> None:
    """Fold the checks and solutions of a chapter, in place, and name what a reader opens.

    A check hides its code and shows its verdict; a solution hides both. Raises `ValueError` naming
    the exercise of which a part is missing.
    """
    for exercise in exercises(notebook):
        _fold(exercise, exercise.check, "hide-input", "check", outputs=False)
        _fold(exercise, exercise.solution, "hide-cell", "solution", outputs=True)


def _fold(exercise: Exercise, cell: NotebookNode, tag: str, word: str, outputs: bool) -> None:
    if tag not in tags(cell):
        cell.metadata["tags"] = [*tags(cell), tag]
    hidden = {"source_hidden": True} | ({"outputs_hidden": True} if outputs else {})
    cell.metadata["jupyter"] = NotebookNode(sorted(hidden.items()))
    named = {
        f"code_prompt_{verb.lower()}": f"{verb} the {word}: {exercise.title}"
        for verb in ("Hide", "Show")
    }
    cell.metadata.setdefault("mystnb", NotebookNode()).update(named)
