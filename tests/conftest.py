"""Settings for all tests."""

from __future__ import annotations

from hypothesis import settings

# Wall time is no property of the code under test; a busy machine must not fail one.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
