"""Texts that may hold a password, made fit to be shown, logged and published."""

import re

# `rtsp://user:password@host/...`: what stands before the last @ of a URL, since a password may hold slashes and @
# itself; and its query, in which some cameras take passwords.
USER = re.compile(r"(?<=://)[^\s'\"]*@")
QUERY = re.compile(r"(://[^\s'\"?]*\?)[^\s'\"]+")


def mask(text: str) -> str:
    """Put `***` in place of the user, the password and the query of every URL."""
    return QUERY.sub(r"\1***", USER.sub("***@", text))
