"""Inspects recordings of speech: which faults, when, and how good it sounds."""

from mmbook.models.inspection.report import STEP, Report, Span, spans_of

__all__ = ["STEP", "Report", "Span", "spans_of"]
