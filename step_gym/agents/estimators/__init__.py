"""Estimators: from a batch of steps to advantages and weights, one module an algorithm."""
