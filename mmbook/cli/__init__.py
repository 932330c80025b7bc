"""The programs a user runs: `python -m mmbook PROGRAM INPUT...`, one module each."""
