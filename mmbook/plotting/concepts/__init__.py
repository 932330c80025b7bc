"""Figures of the first chapters: senses, information, the general model, the challenges."""
