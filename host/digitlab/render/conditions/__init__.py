"""What people really hold before a camera: frames of one condition at a time."""

from digitlab.render.conditions.catalogue import (
    CONDITIONS,
    TOUCHING,
    TURNED,
    WITHOUT_DIGITS,
    render_condition,
)

__all__ = ["CONDITIONS", "TOUCHING", "TURNED", "WITHOUT_DIGITS", "render_condition"]
