"""An output whose failure does not end the service."""

from digitcam.errors import OutputError
from digitcam.outputs.base import Output, ReadFrame, Update
from digitcam.state.health import Health


class IsolatedOutput(Output):
    """Hands everything on, and what fails to `health`."""

    def __init__(self, name: str, output: Output, health: Health) -> None:
        """Report failures of `output` as the part `name`."""
        self._name = name
        self._output = output
        self._health = health
        self._failed = False

    def see(self, read_frame: ReadFrame) -> None:
        """Hand a frame on."""
        try:
            self._output.see(read_frame)
        except OutputError as error:
            self._fail(error)

    def publish(self, update: Update) -> None:
        """Hand a reading on."""
        try:
            self._output.publish(update)
        except OutputError as error:
            self._fail(error)
        else:
            if self._failed:
                self._failed = False
                self._health.report(self._name, "ok", "works again")

    def close(self) -> None:
        """Close it."""
        try:
            self._output.close()
        except OutputError as error:
            self._fail(error)

    def _fail(self, error: OutputError) -> None:
        self._failed = True
        self._health.report(self._name, "fault", str(error))
