"""Wrappers that record step-native trajectories, keep success rates and offer candidate actions."""
