"""The model: text to tokens, tokens to scores, scores to units."""
