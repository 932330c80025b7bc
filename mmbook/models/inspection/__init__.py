"""Inspects recordings of speech: which faults, when, and how good it sounds."""

from mmbook.models.inspection.inspector import SpeechInspector, SpeechInspectorConfig
from mmbook.models.inspection.network import Inspection, InspectionConfig, InspectionNetwork
from mmbook.models.inspection.objective import InspectionLoss
from mmbook.models.inspection.reading import InspectionStream
from mmbook.models.inspection.report import STEP, Report, Span, spans_of

__all__ = [
    "STEP",
    "Inspection",
    "InspectionConfig",
    "InspectionLoss",
    "InspectionNetwork",
    "InspectionStream",
    "Report",
    "Span",
    "SpeechInspector",
    "SpeechInspectorConfig",
    "spans_of",
]
