"""How good is it: predictions, metrics, information, and the record of a measured result."""

from mmbook.evaluation.baselines import majority_accuracy
from mmbook.evaluation.calibration import fit_temperature
from mmbook.evaluation.generation import (
    class_accuracies,
    class_spreads,
    frechet_distance,
    nearest_distances,
    precision_and_recall,
)
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
from mmbook.evaluation.metrics import (
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    predict,
)
from mmbook.evaluation.record import load_result, save_result
from mmbook.evaluation.result import Result, Row

__all__ = [
    "Result",
    "Row",
    "accuracy",
    "best_weight",
    "class_accuracies",
    "class_spreads",
    "co_information",
    "confusion_matrix",
    "entropy",
    "expected_calibration_error",
    "fit_temperature",
    "frechet_distance",
    "load_result",
    "majority_accuracy",
    "mix",
    "mutual_information",
    "nearest_distances",
    "partial_information",
    "perplexity",
    "precision_and_recall",
    "predict",
    "save_result",
    "token_log_probabilities",
]
