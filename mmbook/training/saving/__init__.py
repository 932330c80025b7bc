"""What is kept of a run: checkpoints, history, and how a run is known again."""
