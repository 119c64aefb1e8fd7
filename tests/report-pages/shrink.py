"""Crops screenshots of Chromium and rewrites them with a palette, so that README loads quickly: half the bytes for pages of text.

    python3 shrink.py FILE.png …

The last row of a picture is one color: it ends below a section of the page, not inside it. The 256 most frequent colors stay as
they are, and each other color becomes the nearest of them. Standard library only.
"""

import struct
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLORS_MAX = 256
# 8-bit RGB, with and without alpha (PNG specification, chapter 11.2.1).
BYTES_OF_PIXEL = {2: 3, 6: 4}
PALETTE = 3
MARGIN_ROWS = 16


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack(">I", data[at:at + 4])
        yield data[at + 4:at + 8], data[at + 8:at + 8 + length]
        at += 12 + length


def rows(data: bytes) -> list[list[bytes]]:
    """The pixels of each row, as RGB. An 8-bit image without interlacing, as Chromium writes it."""
    parts = list(chunks(data))
    width, height, depth, color, _, _, interlace = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
    if depth != 8 or color not in BYTES_OF_PIXEL or interlace:
        raise ValueError(f"color type {color}, depth {depth}, interlace {interlace}: not what Chromium writes")
    size = BYTES_OF_PIXEL[color]
    raw = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    stride = width * size
    before, found = bytearray(stride), []
    for start in range(0, height * (stride + 1), stride + 1):
        row = unfiltered(raw[start], bytearray(raw[start + 1:start + 1 + stride]), before, size)
        found.append([bytes(row[at:at + 3]) for at in range(0, stride, size)])
        before = row
    return found


def unfiltered(filter_type: int, row: bytearray, above: bytearray, size: int) -> bytearray:
    """The row without its filter: none, sub, up, average, or predicted from three neighbors (PNG specification, chapter 9.2)."""
    for at in range(len(row)):
        left, up, corner = (row[at - size], above[at], above[at - size]) if at >= size else (0, above[at], 0)
        row[at] = row[at] + (0, left, up, (left + up) // 2, predicted(left, up, corner))[filter_type] & 255
    return row


def predicted(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    return min((left, up, corner), key=lambda value: abs(estimate - value))


def cropped(image: list[list[bytes]]) -> list[list[bytes]]:
    """The image without the section that its lower edge cuts, and without an empty rest below the page."""
    is_blank = [len(set(row)) == 1 for row in image]
    end = len(image)
    while end and not is_blank[end - 1]:
        end -= 1
    while end and all(is_blank[max(0, end - MARGIN_ROWS - 1):end]):
        end -= 1
    if not end:
        raise ValueError("the picture has no blank row below a section")
    return image[:end]


def with_palette(image: list[list[bytes]]) -> bytes:
    counted = Counter(pixel for row in image for pixel in row)
    palette = [color for color, _ in counted.most_common(COLORS_MAX)]
    index = {color: nearest(color, palette) for color in counted}
    lines = b"".join(b"\0" + bytes(index[pixel] for pixel in row) for row in image)
    header = struct.pack(">IIBBBBB", len(image[0]), len(image), 8, PALETTE, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"PLTE", b"".join(palette)) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


def nearest(color: bytes, palette: list[bytes]) -> int:
    return min(range(len(palette)), key=lambda at: sum((a - b) ** 2 for a, b in zip(color, palette[at])))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


for name in sys.argv[1:]:
    path = Path(name)
    path.write_bytes(with_palette(cropped(rows(path.read_bytes()))))
