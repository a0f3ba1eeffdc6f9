"""Which plan answers this request. Generic over what it finds."""
