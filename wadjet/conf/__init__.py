"""Settings: typed, frozen, read from code and environment."""
