"""The wire: connections, lifespan, adapters. The only room with transport events."""
