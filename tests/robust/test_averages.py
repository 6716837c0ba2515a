"""Area averages are undone, wherever the areas begin."""

import cv2
import numpy as np
import pytest
from support import photograph

from runtime.carriers.dct.averages import unaveraged
from runtime.carriers.dct.axes import Axis, Location
from runtime.carriers.dct.strengths import STRENGTHS
from runtime.images.metrics import psnr
from runtime.images.resize import resize_to


def averaged(picture, height, width):
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("size", [(226, 302), (150, 200), (285, 391), (201, 333)])
def test_averages_are_undone(size):
    grey = cv2.cvtColor(photograph("coffee", 300, 400), cv2.COLOR_RGB2GRAY)
    picture = np.repeat(grey[..., None], 3, axis=2)
    small = averaged(picture, *size)
    place = Location(STRENGTHS[1], Axis.resized(size[0] / 300), Axis.resized(size[1] / 400), 9.0)
    back = unaveraged(small, place, 288, 400)
    assert back.shape == (288, 400, 3) and back.dtype == np.uint8
    assert psnr(small, averaged(unaveraged(small, place, 300, 400), *size)) > 46
    assert psnr(picture[:288], back) > psnr(picture, resize_to(small, 300, 400)) + 0.3


def test_a_cropped_file_is_undone_too():
    picture = photograph("astronaut", 400, 400)
    small = averaged(picture, 300, 300)
    axis = Axis.resized(0.75)
    whole = unaveraged(small, Location(STRENGTHS[2], axis, axis, 9.0), 320, 320)
    moved = Axis(axis.start - 6, axis.ratio)
    part = unaveraged(small[6:, 6:], Location(STRENGTHS[2], moved, moved, 9.0), 320, 320)
    assert psnr(whole[48:, 48:], part[48:, 48:]) > 46
