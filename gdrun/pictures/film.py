"""Frames as GIF and MP4 files."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.pictures.errors import PictureError

COLOURS = 128
REST = 1.5
"""Seconds for which the last frame stays."""


def as_gif(frames: Iterable[NDArray[np.uint8]], fps: int, kept: Sequence[str] = ()) -> bytes:
    """An endless GIF; all frames share the colours of the last and those that are kept, so that nothing flickers."""
    from PIL import Image, ImageColor

    images = [Image.fromarray(frame) for frame in frames]
    found = images[-1].quantize(COLOURS, dither=Image.Dither.NONE).getpalette() or []
    exact = [ImageColor.getrgb(colour)[:3] for colour in kept]
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(part for colour in exact for part in colour), *found])
    first, *others = (_with_palette(image, palette, exact) for image in images)
    file = io.BytesIO()
    ends = np.round(np.arange(len(others) + 1) * 100 / fps).astype(int)  # GIF counts in hundredths of a second
    times = [10 * each for each in np.diff(ends).tolist()] + [round(REST * 1000)]
    first.save(file, "GIF", save_all=True, append_images=others, duration=times, loop=0, optimize=False)
    return file.getvalue()


def _with_palette(image: Any, palette: Any, exact: Sequence[tuple[int, ...]]) -> Any:
    """An image in the colours of a palette: about the nearest, and just those that it begins with."""
    from PIL import Image

    found = image.quantize(palette=palette, dither=Image.Dither.NONE)
    pixels, places = np.asarray(image), np.array(found)
    for place, colour in enumerate(exact):
        places[(pixels == colour).all(axis=-1)] = place
    done = Image.fromarray(places, "P")
    done.putpalette(palette.getpalette())
    return done


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
