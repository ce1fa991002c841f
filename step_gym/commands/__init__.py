"""The sub-commands of `step-gym`, one module each; `common` is what they share."""
