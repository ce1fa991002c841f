"""step-gym: one Gymnasium suite over five worlds, step-native records, and an agent that learns with STEP.

Importing it registers the environments; nothing heavy is loaded until one is made.
"""

from step_gym.registration import register_envs

__version__ = "0.1.0"

register_envs()
