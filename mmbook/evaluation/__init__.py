"""How good is it: predictions, metrics, information, and the record of a measured result."""

from mmbook.evaluation.calibration import fit_temperature
from mmbook.evaluation.information import (
    co_information,
    entropy,
    mutual_information,
    partial_information,
)
from mmbook.evaluation.language import (
    best_weight,
    mix,
    perplexity,
    token_log_probabilities,
)
from mmbook.evaluation.metrics import accuracy, calibration_error, confusion_matrix, predict
from mmbook.evaluation.record import Result, load_result, save_result

__all__ = [
    "Result",
    "accuracy",
    "best_weight",
    "calibration_error",
    "co_information",
    "confusion_matrix",
    "entropy",
    "fit_temperature",
    "load_result",
    "mix",
    "mutual_information",
    "partial_information",
    "perplexity",
    "predict",
    "save_result",
    "token_log_probabilities",
]
