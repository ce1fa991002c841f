"""Agents: policies, rollouts, samplers, estimators, losses and the trainer."""
