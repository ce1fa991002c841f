"""The embedded phone: devices with a shell and files, and the ADB server that lets any client reach them."""
