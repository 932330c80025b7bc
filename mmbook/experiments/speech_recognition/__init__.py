"""What is said in strings of digits, where training never says when?

A network that scores letters in each frame (CTC), one that hears only what came before, and a
decoder with attention, on voices known from training and on voices never heard.
"""

from mmbook.experiments.speech_recognition.config import TIERS, SpeechRecognitionConfig
from mmbook.experiments.speech_recognition.run import run

__all__ = ["TIERS", "SpeechRecognitionConfig", "run"]
