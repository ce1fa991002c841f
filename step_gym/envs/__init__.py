"""The worlds, one package each, and the contract they share (`core`, `spaces`)."""
