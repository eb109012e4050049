"""Asking a network camera by HTTP: with its password, and with an end to waiting."""

import ssl
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib import request
from urllib.error import HTTPError, URLError

from digitcam.cameras.network.address import advise, split_login
from digitcam.errors import CameraError

OPEN_S = 10  # that an answer may take, at most


class Web:
    """What one URL answers, asked once or again and again."""

    def __init__(self, url: str, name: str, piece_s: float) -> None:
        """Prepare to ask.

        Args:
            url: with user and password where the camera wants them, for basic or digest authentication.
            name: the URL without them, for messages.
            piece_s: seconds that each further piece of an answer may take.
        """
        self._name = name
        self._advice = advise(url)
        self._bare, user, password = split_login(url)
        passwords = request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, self._bare, user, password)
        logins = [request.HTTPDigestAuthHandler(passwords), request.HTTPBasicAuthHandler(passwords)] if user else []
        self._opener = request.build_opener(_Connecting(piece_s), _Asked(), *logins)

    def ask(self) -> HTTPResponse:
        """Ask for the answer, and read its head; whoever asks closes it.

        Raises:
            CameraError: there is none in `OPEN_S`, or a refusal.
        """
        try:
            asked = request.Request(self._bare, headers={"User-Agent": "digitcam"})  # noqa: S310 - only http and https
            answer: HTTPResponse = self._opener.open(asked, timeout=OPEN_S)
        except HTTPError as error:
            error.close()
            raise CameraError(self._refusal(f"{error.code} {error.reason}")) from error
        except URLError as error:
            reason = error.reason
            raise CameraError(self._refusal(getattr(reason, "strerror", None) or str(reason))) from error
        except (OSError, HTTPException, ValueError) as error:
            raise CameraError(self._refusal(str(error) or type(error).__name__)) from error
        return answer

    def _refusal(self, reason: str) -> str:
        return f"{self._name}: cannot be opened: {' '.join(reason.split())}; {self._advice}"


class _Connecting(request.HTTPHandler, request.HTTPSHandler):
    """Connections that wait less for the pieces of an answer than for its head."""

    def __init__(self, piece_s: float) -> None:
        super().__init__()
        self._piece_s = piece_s

    def http_open(self, req: request.Request) -> HTTPResponse:
        return self.do_open(partial(_Connection, piece_s=self._piece_s), req)

    def https_open(self, req: request.Request) -> HTTPResponse:
        # cameras sign for themselves; FFmpeg takes any certificate, too
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return self.do_open(partial(_SecureConnection, piece_s=self._piece_s, context=context), req)


class _Asked(request.BaseHandler):
    """Lets an answer go that asks for a password, before that is sent."""

    handler_order = 0

    def http_error_401(self, req: request.Request, fp: HTTPResponse, *_: object) -> None:
        del req
        fp.close()


class _Connection(HTTPConnection):
    def __init__(self, *arguments: Any, piece_s: float, **named: Any) -> None:  # noqa: ANN401 - the library's own
        super().__init__(*arguments, **named)
        self._piece_s = piece_s

    def getresponse(self) -> HTTPResponse:
        connected = self.sock  # which the answer takes over
        response = super().getresponse()
        connected.settimeout(self._piece_s)
        return response


class _SecureConnection(_Connection, HTTPSConnection):
    pass
