"""Adapters to other libraries, one module each; nothing inside the package imports them."""
