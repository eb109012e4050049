"""What every published shape is made of."""

from typing import Annotated

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class Published(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published shape: what is not known is left out, and nothing else is added."""
