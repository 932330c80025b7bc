"""How good are captions: BLEU, CIDEr, chrF, and what their scores are to be held against."""
