"""How often a client may do something."""

import time
from collections import OrderedDict

REMEMBERED = 1024  # clients; those quiet for longest are forgotten first


class RateLimiter:
    """A bucket of tokens for each client: `burst` at once, then `per_minute`. For one thread."""

    def __init__(self, burst: int, per_minute: float) -> None:
        self._burst = burst
        self._per_s = per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def left(self, client: str) -> bool:
        """Tell whether the client may do it once more."""
        return self._tokens(client) >= 1

    def take(self, client: str) -> None:
        """Count that it did."""
        self._buckets[client] = (max(0.0, self._tokens(client) - 1), time.monotonic())
        self._buckets.move_to_end(client)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)

    def _tokens(self, client: str) -> float:
        now = time.monotonic()
        tokens, since = self._buckets.get(client, (float(self._burst), now))
        return min(self._burst, tokens + (now - since) * self._per_s)
