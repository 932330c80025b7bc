"""One file, or one folder, an experiment: a configuration and what it runs.

`python -m mmbook.experiments list` names them; `harness` runs and records them.
"""
