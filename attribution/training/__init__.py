"""How the released model is made: corpora, targets, training, calibration (extra `train`)."""
