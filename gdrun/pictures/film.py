"""Frames as GIF and MP4 files."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gdrun.pictures.errors import PictureError

COLOURS = 128
REST = 1.5
"""Seconds for which the last frame stays."""


def as_gif(frames: Iterable[NDArray[np.uint8]], fps: int) -> bytes:
    """An endless GIF; all frames share the colours of the last, so that nothing flickers."""
    from PIL import Image

    images = [Image.fromarray(frame) for frame in frames]
    palette = images[-1].quantize(COLOURS, dither=Image.Dither.NONE)
    first, *others = (image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images)
    each = max(20, round(1000 / fps / 10) * 10)  # GIF counts in hundredths of a second
    file = io.BytesIO()
    times = [each] * len(others) + [round(REST * 1000)]
    first.save(file, "GIF", save_all=True, append_images=others, duration=times, loop=0, optimize=False)
    return file.getvalue()


def as_mp4(frames: Iterable[NDArray[np.uint8]], fps: int) -> bytes:
    """An MP4 by ffmpeg. Raises PictureError where that is not there or fails."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise PictureError("mp4: needs ffmpeg, which is not on the PATH; --format gif needs nothing")
    pictures = [even(frame) for frame in frames]
    pictures += [pictures[-1]] * round(REST * fps)
    height, width = pictures[0].shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "film.mp4"
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps), "-i", "-"]
        made = ["-pix_fmt", "yuv420p", "-movflags", "+faststart", "-fflags", "+bitexact", "-flags:v", "+bitexact"]
        command = [program, "-loglevel", "error", "-y", *raw, *made, str(file)]
        content = b"".join(picture.tobytes() for picture in pictures)
        done = subprocess.run(command, input=content, capture_output=True, check=False)
        if done.returncode or not file.is_file():
            raise PictureError(f"mp4: ffmpeg failed: {(done.stderr.decode(errors='replace').splitlines() or [''])[-1]}")
        return file.read_bytes()


def even(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A frame with an even number of rows and columns, as MP4 needs."""
    height, width = frame.shape[:2]
    return frame[: height // 2 * 2, : width // 2 * 2]
