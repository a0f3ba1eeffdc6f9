"""2xx, raised: one class for each status."""

from __future__ import annotations

from .raising import Success

__all__ = [
    "Accepted",
    "AlreadyReported",
    "Created",
    "IMUsed",
    "MultiStatus",
    "NoContent",
    "NonAuthoritativeInformation",
    "Ok",
    "PartialContent",
    "ResetContent",
]


class Ok(Success):
    """200."""

    code = 200
    explanation = "The request has succeeded."


class Created(Success):
    """201."""

    code = 201
    explanation = "The resource has been created."


class Accepted(Success):
    """202."""

    code = 202
    explanation = "The request is accepted and will be worked on."


class NonAuthoritativeInformation(Success):
    """203."""

    code = 203
    explanation = "The content has been changed on its way."


class NoContent(Success):
    """204."""

    code = 204


class ResetContent(Success):
    """205."""

    code = 205


class PartialContent(Success):
    """206."""

    code = 206
    explanation = "This is a part of the resource."


class MultiStatus(Success):
    """207."""

    code = 207
    explanation = "The request has several outcomes."


class AlreadyReported(Success):
    """208."""

    code = 208
    explanation = "The members have been listed before."


class IMUsed(Success):
    """226."""

    code = 226
    explanation = "The content is the result of changes to a known one."
