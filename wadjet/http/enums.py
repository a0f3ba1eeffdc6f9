"""Names for media types and charsets, so that a typing error is found by the editor."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Charset", "ContentType"]


class ContentType(StrEnum):
    """Media types by short name; each member is its own text, without parameters."""

    any = "*/*"

    json = "application/json"
    ldap = "application/ld+json"
    app_xml = "application/xml"
    zip = "application/zip"
    pdf = "application/pdf"
    stream = "application/octet-stream"
    x_www_form = "application/x-www-form-urlencoded"

    text_plain = "text/plain"
    text_html = "text/html"
    text_css = "text/css"
    text_csv = "text/csv"
    text_js = "text/javascript"
    text_xml = "text/xml"
    text_any = "text/*"

    m_part_mixed = "multipart/mixed"
    m_part_alt = "multipart/alternative"
    m_part_related = "multipart/related"
    m_part_form_data = "multipart/form-data"

    img_jpeg = "image/jpeg"
    img_png = "image/png"
    img_gif = "image/gif"
    img_tiff = "image/tiff"
    img_x_ico = "image/x-icon"
    img_ms_ico = "image/vnd.microsoft.icon"
    img_svg_xml = "image/svg+xml"
    img_vnd_djvu = "image/vnd.djvu"

    audio_mpeg = "audio/mpeg"
    audio_x_ms_wma = "audio/x-ms-wma"
    audio_x_wav = "audio/x-wav"

    video_mpeg = "video/mpeg"
    video_mp4 = "video/mp4"
    video_quicktime = "video/quicktime"
    video_x_ms_wmv = "video/x-ms-wmv"
    video_x_flv = "video/x-flv"
    video_webm = "video/webm"


class Charset(StrEnum):
    """The Unicode charsets of text responses."""

    utf8 = "utf-8"
    utf16 = "utf-16"
    utf32 = "utf-32"
