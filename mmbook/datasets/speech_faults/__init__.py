"""Recordings with faults that were made on purpose, so that it is known what is where."""
