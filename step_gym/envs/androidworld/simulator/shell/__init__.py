"""The device's shell: mksh's language and toybox's commands, over virtual files only."""
