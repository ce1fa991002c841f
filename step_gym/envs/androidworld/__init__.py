"""AndroidWorld: a phone behind the real ADB protocol, simulated or not."""
