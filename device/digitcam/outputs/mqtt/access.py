"""What lets this camera in at the broker, and lets it know the broker."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from digitcam.config.secret import Secret, exposed, read_secret
from digitcam.errors import ConfigError
from digitcam.outputs.mqtt import MqttConfig


@dataclass(frozen=True, slots=True)
class Access:
    """What was read from files, once, at the start.

    Attributes:
        password: None where none is sent.
        context: None without TLS.
        notes: what is not as safe as it should be.
    """

    password: Secret | None
    context: ssl.SSLContext | None
    notes: tuple[str, ...]


class _Closing(ssl.SSLSocket):
    """Closes itself when TLS fails; paho leaves that to whenever memory is tidied."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002  # ssl's own
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def read_access(config: MqttConfig) -> Access:
    """Read password and certificates.

    Raises:
        ConfigError: one cannot be read or is no such thing, or is set where it would not be used.
    """
    if config.password_file and not config.user:
        raise ConfigError("mqtt.password_file: there is no password without a name; set mqtt.user too")
    password = read_secret("mqtt.password_file", config.password_file) if config.password_file else None
    context = _context(config)
    notes = [password.exposed] if password and password.exposed else []
    if config.key_file and (fault := exposed(Path(config.key_file))):
        notes.append(fault)
    if config.tls == "insecure":
        notes.append('mqtt.tls is "insecure": whoever answers is taken for the broker')
    return Access(password, context, tuple(notes))


def _context(config: MqttConfig) -> ssl.SSLContext | None:
    named = [name for name in ("ca_file", "cert_file", "key_file") if getattr(config, name)]
    if config.tls == "off":
        if named:
            raise ConfigError(f'mqtt.{named[0]} is set, but mqtt.tls is "off"; set it to "on"')
        return None
    if config.key_file and not config.cert_file:
        raise ConfigError("mqtt.key_file: a key is of no use without mqtt.cert_file")
    context = ssl.create_default_context()
    context.sslsocket_class = _Closing
    if config.tls == "insecure":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if config.ca_file:
        # Python 3.13 asks for extensions that certificates made as mosquitto-tls(7) says do not have
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        try:
            context.load_verify_locations(config.ca_file)
        except OSError as error:
            raise ConfigError(f"mqtt.ca_file: {config.ca_file}: {_reason(error, 'certificate')}") from error
    if config.cert_file:
        try:
            # without a password function OpenSSL would ask for the key's at the terminal, and wait
            context.load_cert_chain(config.cert_file, config.key_file or None, password=lambda: "")
        except OSError as error:
            files = " and ".join(name for name in (config.cert_file, config.key_file) if name)
            what = "certificate with the key to it, without a password"
            raise ConfigError(f"mqtt.cert_file: {files}: {_reason(error, what)}") from error
    return context


def _reason(error: OSError, what: str) -> str:
    """Say what is wrong: `ssl.SSLError` is an OSError whose own texts name lines of OpenSSL's source."""
    return f"no PEM {what}" if isinstance(error, ssl.SSLError) else f"cannot read: {error.strerror}"
