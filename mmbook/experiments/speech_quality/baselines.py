"""What plain models learn from the statistics of a recording: no order in time, no convolutions."""

from typing import Any

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from mmbook.experiments.speech_quality.measure import SIZE, Truth, Verdicts
from mmbook.models.inspection.features import FrameFeatures
from mmbook.models.inspection.network import InspectionConfig
from mmbook.preprocessing.audio.faults import FAULTS, HOP
from mmbook.preprocessing.audio.spectrogram import frame

QUANTILES = (0.05, 0.5, 0.95)
LINEAR, BOOSTING, CONSTANT = "linear models", "gradient boosting", "constant"


def recording_statistics(audio: Tensor) -> Tensor:
    """Of each feature that an inspector sees of frames: mean, deviation, QUANTILES over time.

    audio: (n, samples). Returns (n, 5 times the features).
    """
    config = InspectionConfig()
    features = FrameFeatures(("spectrogram", "statistics"), config.window, config.mels)
    found = []
    for part in audio.split(SIZE):
        x = torch.cat([*features(frame(part, config.window, HOP)).values()], dim=-1)
        middle = x.quantile(torch.tensor(QUANTILES), dim=1).transpose(0, 1).flatten(1)
        found.append(torch.cat([x.mean(dim=1), x.std(dim=1), middle], dim=1))
    return torch.cat(found)


def baseline(name: str, rows: Tensor, truth: Truth, tested: Tensor, seed: int) -> Verdicts:
    """What the baseline LINEAR or BOOSTING says of tested rows, having learned from others."""
    x, asked = rows.numpy(), tested.numpy()
    chances = []
    for i in range(len(FAULTS)):
        model = _classifier(name, seed).fit(x, truth.faults[:, i].numpy())
        chances.append(torch.from_numpy(model.predict_proba(asked)[:, 1]).float())
    numbers = {}
    for measure in ("snr", "stoi", "pesq"):
        target = getattr(truth, measure).numpy()
        known = np.isfinite(target)
        model = _regressor(name, seed).fit(x[known], target[known])
        numbers[measure] = torch.from_numpy(model.predict(asked)).float()
    return Verdicts(torch.stack(chances, dim=1), **numbers)


def constant(truth: Truth, count: int) -> Verdicts:
    """Of each fault its share, of each number its median, whatever is heard."""
    medians = {
        name: getattr(truth, name).nanmedian().expand(count) for name in ("snr", "stoi", "pesq")
    }
    return Verdicts(truth.faults.float().mean(dim=0).expand(count, -1), **medians)


def _classifier(name: str, seed: int) -> Any:
    if name == LINEAR:
        return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    return HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=15, random_state=seed)


def _regressor(name: str, seed: int) -> Any:
    if name == LINEAR:
        return make_pipeline(StandardScaler(), Ridge(alpha=100.0))
    return HistGradientBoostingRegressor(max_iter=100, max_leaf_nodes=15, random_state=seed)
