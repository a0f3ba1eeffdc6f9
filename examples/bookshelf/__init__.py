"""A catalogue of invented books: a site for readers, a live feed, and an API for programs.

Run it with ``python -m examples.bookshelf``; the database is made at the first start.
"""
