"""STEP-WebShop-v0: an online shop as text pages, as in WebShop."""
