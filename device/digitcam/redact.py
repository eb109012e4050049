"""Texts that may hold a password, made fit to be shown, logged and published."""

import re

# `rtsp://user:password@host/...`: what stands before the last @ of a URL, since a password may hold slashes and @
# itself; and its query, in which some cameras take passwords.
USER = re.compile(r"(?<=://)[^\s'\"]*@")
QUERY = re.compile(r"(://[^\s'\"?]*\?)[^\s'\"]+")


def redact(text: str) -> str:
    """Put `***` in place of the user, the password and the query of every URL, and make the rest legible."""
    return make_legible(QUERY.sub(r"\1***", USER.sub("***@", text)))


def make_legible(text: str) -> str:
    r"""Write what every encoding of Unicode can: a byte of a file's name that is no UTF-8 becomes `\xff`."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
