"""``python -m examples.bookshelf``: serve the bookshelf at http://127.0.0.1:8000."""

from __future__ import annotations

from examples.bookshelf.app import app

if __name__ == "__main__":
    app.run()
