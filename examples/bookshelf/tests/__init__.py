"""Tests of the bookshelf: its parts, in process, and as a server that somebody started."""
