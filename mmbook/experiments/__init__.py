"""One file a trained result: a configuration and what it runs.

`python -m mmbook.experiments list` names them; `registry` holds them.
"""
