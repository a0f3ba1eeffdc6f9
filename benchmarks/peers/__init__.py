"""The peers, each written as its own documentation writes applications. They run in environments of their own."""
