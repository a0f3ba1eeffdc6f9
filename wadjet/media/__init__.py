"""Objects to bytes and back, one file per media type. Knows nothing of requests."""
