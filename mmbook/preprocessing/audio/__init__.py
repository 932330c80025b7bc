"""Step 1 for audio: waveforms, spectrograms and what is done to them."""
