"""Step 4: tokens to a label, a sentence, a picture or a sound."""

from mmbook.decoders.classifier import Classifier, Readout

__all__ = ["Classifier", "Readout"]
