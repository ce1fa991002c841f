"""STEP-Toy-v0: a small text game of rooms, boxes, locks and a key, for tests and tutorials."""
