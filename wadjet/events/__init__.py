"""What happens around the life of an application and of a request."""
