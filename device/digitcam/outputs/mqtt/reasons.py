"""Why there is no connection, and what to do, for whoever runs the broker."""

import socket
import ssl
from datetime import UTC, datetime

# OpenSSL's X509_V_ERR_*: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes
NOT_YET_VALID, EXPIRED, OTHER_NAME, OTHER_ADDRESS = 9, 10, 62, 64
NO_TLS = (
    'speaks no TLS there, it seems: {}; set mqtt.port to its port for TLS, which mostly is 8883, or mqtt.tls to "off"'
)


def of_connecting(error: Exception, *, tls: bool) -> str:
    """Tell what is wrong when a connection cannot be made; of two reasons that fit, the narrower comes first."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error)
    if tls and _is_no_tls(error):
        return NO_TLS.format(_detail(error))
    texts: tuple[tuple[type[Exception], str], ...] = (
        (ssl.SSLError, "TLS fails: {}; does the broker want a certificate? see mqtt.cert_file"),
        (socket.gaierror, "no such host; see mqtt.host"),
        (ValueError, "no such host; see mqtt.host"),  # what can be no host's name
        (ConnectionRefusedError, "nobody listens there; is the broker running?"),
        (TimeoutError, "no answer; is that machine on, and may this one reach it?"),
        (Exception, "cannot connect: {}"),
    )
    return next(text.format(_detail(error)) for kind, text in texts if isinstance(error, kind))


def of_closing(*, accepted: bool, tls: bool) -> str:
    """Tell what is likely wrong when the broker closes a connection, after it accepted it or before."""
    if accepted:
        return "closed the connection; is it stopping, or is another camera called the same?"
    if tls:
        return "closed the connection unanswered; does it want a certificate? see mqtt.cert_file"
    return "closed the connection unanswered; does it want TLS there? see mqtt.tls and mqtt.port"


def _of_certificate(error: ssl.SSLCertVerificationError) -> str:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    if error.verify_code == NOT_YET_VALID:
        return f"its certificate is not valid yet by this machine's clock, which says {today}; set the clock"
    if error.verify_code == EXPIRED:
        return (
            f"its certificate has expired by this machine's clock, which says {today}; "
            "set the clock, or renew the certificate"
        )
    if error.verify_code in {OTHER_NAME, OTHER_ADDRESS}:
        return f"its certificate is for another name: {error.verify_message}; set mqtt.host to the name in it"
    return f"its certificate is not trusted: {error.verify_message}; set mqtt.ca_file to who vouches for it"


def _is_no_tls(error: Exception) -> bool:
    """Tell whether something answered, but not as TLS does: it hung up, said something else, or waited for more."""
    return (
        isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionResetError | BrokenPipeError)
        or (isinstance(error, ssl.SSLError) and error.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"})
        or (isinstance(error, TimeoutError) and "handshake" in str(error))
    )


def _detail(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
