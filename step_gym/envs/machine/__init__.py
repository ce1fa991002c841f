"""The simulated computer under both GUI worlds: files, settings, and a clock that moves when told to."""
