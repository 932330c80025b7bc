"""Grade students' notebooks by the book's own checks: `python -m tools.editions.grading FOLDER`."""
