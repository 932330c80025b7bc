"""Step 1 for text: characters, words, sentences and subwords become numbers."""
