"""Step 1: raw images, sentences and waveforms become tensors."""
