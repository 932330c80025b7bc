"""Step 1: raw pictures, sentences and waveforms become tensors."""
