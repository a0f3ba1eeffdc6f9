"""Real applications on Wadjet, each with its own tests."""
