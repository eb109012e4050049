"""JPEGs as network cameras send them."""

import io

import numpy as np
from PIL import Image


def jpeg(level: int, size: tuple[int, int] = (64, 48), sampling: str = "4:2:0") -> bytes:
    """A plain picture of one grey level, the left half black; `sampling` is of its colours."""
    image = np.full((size[1], size[0]), level, np.uint8)
    image[:, : size[0] // 2] = 0
    data = io.BytesIO()
    Image.fromarray(image).convert("RGB").save(data, "JPEG", subsampling=sampling)
    return data.getvalue()


def part(body: bytes) -> bytes:
    """It as a part of a multipart."""
    return f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body + b"\r\n"
