"""Folded initialization of `classic`: the secret as the phase of a triangle wave.

From random weights, the networks spend many thousands of steps on a plateau where only the
brightness of the secret is hidden, as a tint. These initial weights skip the plateau: they already
hide and reveal. Write tri(x) for the triangle wave on 0 .. 1 with N segments (half-periods) and
tri(0) = 0. Reveal computes tri(container). Hide moves each sample of the cover along its segment to
where the wave equals the sample of the secret:

    container = cover + slope * (secret - tri(cover)) / N,   slope = +1 or -1 on cover's segment

Few ReLU units are enough for this: a triangle wave of n segments is a sum of n ReLUs, and waves of
n and m segments in a row make one of n * m (Telgarsky, "Benefits of depth in neural networks",
COLT 2016, lemma 2.4). The sign of the slope is a sum of steep clipped ramps, and the product of a
sign with a value in -1 .. 1 takes two ReLUs.

With segments of D = 255 / N levels, the mean squared error of the cover is about D^2 / 6 (the
difference of two uniform phases), that of the secret 255^2 / (12 D^2) (rounding to 8 bits).

Training continues with all other weights; those of the code are reset after each step. Without
that, Adam destroyed them within 25 steps even at rates of 1e-6 to 1e-5 (revealed: 32.9 to 17 dB):
one hundredth of a segment is less than one hundred such steps on 585 inputs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from training.classic.networks import RGB, branch_layer, layer_name
from training.classic.shape import ClassicConfig

# The slope has no sign where a segment ends. The waves are shifted by a tenth of a level, so that
# all 8-bit covers are at least a tenth of a level away from such ends, for all products of segments
# in use. The ramps that approximate a step are steep enough to be complete within that distance.
_SHIFT = 0.1 / 255.0
_OUTER_STEEPNESS = 1536.0
_INNER_STEEPNESS = 384.0
_CHANNELS = 3
_MOST_SEGMENTS = 5


@dataclass(frozen=True)
class Form:
    """A linear form: weights of the units of the previous layer, and a constant."""

    weights: dict[int, float] = field(default_factory=dict)
    constant: float = 0.0

    def __add__(self, other: Form | float) -> Form:
        if isinstance(other, Form):
            units = self.weights.keys() | other.weights.keys()
            weights = {u: self.weights.get(u, 0.0) + other.weights.get(u, 0.0) for u in units}
            return Form(weights, self.constant + other.constant)
        return Form(self.weights, self.constant + other)

    def __mul__(self, factor: float) -> Form:
        return Form({u: w * factor for u, w in self.weights.items()}, self.constant * factor)

    def __sub__(self, other: Form | float) -> Form:
        return self + other * -1.0


class _Layer:
    """Collects the units of a layer, each the ReLU of a form; methods return forms of its units."""

    def __init__(self) -> None:
        self.forms: list[Form] = []

    def relu(self, form: Form) -> Form:
        self.forms.append(form)
        return Form({len(self.forms) - 1: 1.0})

    def step(self, form: Form, steepness: float) -> Form:
        """0 where `form` is negative, 1 where it is positive, with a ramp of that steepness."""
        # The factor comes after the ReLU: units as large as the steepness would make the next layer
        # so sensitive to its weights that the first training steps destroy the code.
        half = 0.5 / steepness
        return (self.relu(form + half) - self.relu(form - half)) * steepness

    def wave(self, x: Form, segments: int) -> Form:
        """The triangle wave of x in 0 .. 1."""
        total = self.relu(x) * segments
        for knee in range(1, segments):
            total = total + self.relu(x - knee / segments) * ((-1) ** knee * 2.0 * segments)
        return total

    def slope(self, x: Form, segments: int, steepness: float) -> Form:
        """The sign of the wave's slope at x: +1 or -1."""
        total = Form(constant=1.0)
        for knee in range(1, segments):
            total = total + self.step(x - knee / segments, steepness) * ((-1) ** knee * 2.0)
        return total

    def signed(self, sign: Form, value: Form) -> Form:
        """The product of a sign, +1 or -1, and a value in -1 .. 1."""
        return self.relu(value + sign) - self.relu(value - sign) - self.kept(sign)

    def kept(self, sign: Form) -> Form:
        """A value in -1 .. 1, passed on unchanged."""
        return self.relu(sign + 1.0) - 1.0


def segments_for(beta: float) -> tuple[int, int]:
    """Segments of the two composed waves with the least loss, among those with enough units.

    D^2 / 6 + beta * 255^2 / (12 D^2) is smallest at D^4 = beta * 255^2 / 2.
    """
    best = 255.0 / (beta * 255.0**2 / 2.0) ** 0.25
    pairs = [
        (n, m) for n in range(2, _MOST_SEGMENTS + 1) for m in (n, n + 1) if m <= _MOST_SEGMENTS
    ]
    return min(pairs, key=lambda pair: abs(np.log(pair[0] * pair[1] / best)))


def _inputs(first: int) -> list[Form]:
    return [Form({first + channel: 1.0}) for channel in range(_CHANNELS)]


def _reveal_layers(segments: tuple[int, int]) -> tuple[list[_Layer], list[Form]]:
    first, second = _Layer(), _Layer()
    values = [first.wave(x + _SHIFT, segments[0]) for x in _inputs(0)]
    values = [second.wave(x, segments[1]) for x in values]
    return [first, second], values


def _hide_layers(segments: tuple[int, int]) -> tuple[list[_Layer], list[Form]]:
    layers = [_Layer() for _ in range(4)]
    outputs = []
    for cover, secret in zip(_inputs(0), _inputs(_CHANNELS), strict=True):
        one, two, three, four = layers
        outer = one.wave(cover + _SHIFT, segments[0])
        outer_slope = one.slope(cover + _SHIFT, segments[0], _OUTER_STEEPNESS)
        kept_cover, kept_secret = one.relu(cover), one.relu(secret)

        phase = two.wave(outer, segments[1])
        inner_slope = two.slope(outer, segments[1], _INNER_STEEPNESS)
        outer_slope = two.kept(outer_slope)
        kept_cover, kept_secret = two.relu(kept_cover), two.relu(kept_secret)

        slope = three.signed(outer_slope, inner_slope)
        missing = three.kept(kept_secret - phase)
        kept_cover = three.relu(kept_cover)

        moved = four.signed(slope, missing)
        outputs.append(four.relu(kept_cover) + moved * (1.0 / (segments[0] * segments[1])))
    return layers, outputs


def _carry(layers: list[_Layer], values: list[Form], depth: int) -> None:
    """Adds layers that pass on three values in 0 .. 1, up to `depth` layers in all."""
    while len(layers) < depth:
        layer = _Layer()
        values[:] = [layer.relu(value) for value in values]
        layers.append(layer)


def initialize_folded(
    prep: keras.Model,
    hide: keras.Model,
    reveal: keras.Model,
    config: ClassicConfig,
    segments: tuple[int, int],
) -> None:
    """Sets the first filters of each network's 3x3 branches to the folding code.

    Training does not change those filters. The others keep their random weights; their weights in
    the last convolution start at zero.

    Raises:
        ValueError: The networks are too narrow or too shallow for the code.
    """
    prep_depth, depth = sum(config.prep_blocks), sum(config.blocks)
    if depth < 4:
        raise ValueError(f"folded initialization needs 4 layers in hide and reveal, got {depth}")
    for network, blocks, (layers, values) in (
        (prep, config.prep_blocks, ([], _inputs(0))),
        (hide, config.blocks, _hide_layers(segments)),
        (reveal, config.blocks, _reveal_layers(segments)),
    ):
        _carry(layers, values, prep_depth if network is prep else depth)
        _write(network, blocks, layers, config)
        if network is not prep:
            final = _Layer()
            final.forms = values
            rgb = network.get_layer(layer_name(network.name, RGB))
            _set(rgb, final, _CHANNELS)
            rgb.kernel.constraint = None
            rgb.bias.constraint = None


def _write(
    network: Any, blocks: tuple[int, ...], layers: list[_Layer], config: ClassicConfig
) -> None:
    remaining = iter(layers)
    for block, depth in enumerate(blocks, start=1):
        for number in range(1, depth + 1):
            name = layer_name(network.name, branch_layer(block, number, 3))
            _set(network.get_layer(name), next(remaining), config.filters[0])


def _set(convolution: Any, layer: _Layer, filters: int) -> None:
    if len(layer.forms) > filters:
        raise ValueError(
            f"folded initialization needs {len(layer.forms)} filters in {convolution.name}, "
            f"got {filters}"
        )
    kernel: NDArray[np.float32]
    kernel, bias = (np.array(value) for value in convolution.get_weights())
    middle = (kernel.shape[0] // 2, kernel.shape[1] // 2)
    for unit, form in enumerate(layer.forms):
        kernel[..., unit] = 0.0
        for source, weight in form.weights.items():
            kernel[(*middle, source, unit)] = weight
        bias[unit] = form.constant
    convolution.set_weights([kernel, bias])
    fixed = np.zeros(filters, bool)
    fixed[: len(layer.forms)] = True
    convolution.kernel.constraint = _Keep(kernel, fixed)
    convolution.bias.constraint = _Keep(bias, fixed)


class _Keep(keras.constraints.Constraint):  # type: ignore[misc]
    """Resets the filters of the code after each step."""

    def __init__(self, values: NDArray[np.float32], fixed: NDArray[np.bool_]) -> None:
        self._values = values
        self._fixed = fixed

    def __call__(self, weights: Any) -> Any:
        return keras.ops.where(self._fixed, self._values, weights)
