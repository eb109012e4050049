"""What a network is trained as: blocks, fused normalization, half precision; and what is exported of it.

In processes of their own: where TensorFlow is loaded, tflite-runtime no longer works.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from digitlab.training import framework, fused

PRELUDE = """
import keras
import numpy as np
import tensorflow as tf
from digitcam.labels import DIGIT_CLASSES
from digitcam.recognition.finder import MORE
from digitlab.training import finder_network, fused, network
from digitlab.training.blocks import in_blocks

rng = np.random.default_rng(1)

def pictures(count, height, width):
    return tf.constant(rng.random((count, height, width, 1)), tf.float32)

def settled(built):
    # as training leaves it: nothing is at its start
    built.set_weights([weight + rng.uniform(0.05, 0.3, weight.shape) for weight in built.get_weights()])
    return built
"""
TESTS = {
    "a block's pixels are its channels, row by row": """
rows = tf.reshape(tf.range(24), (1, 4, 6, 1))
assert in_blocks(rows, 2).shape == (1, 2, 3, 4)
assert in_blocks(rows, 2)[0, 1, 2].numpy().tolist() == [16, 17, 22, 23]
""",
    "a network to be trained has the same weights and answers": """
for built, pixels in [
    (
        settled(finder_network.build()),
        in_blocks(pictures(1, finder_network.HEIGHT, finder_network.WIDTH), finder_network.BLOCK),
    ),
    (settled(network.build()), in_blocks(pictures(2, 28, 28), network.BLOCK)),
]:
    ours = fused.for_training(built, fused.FULL)
    for one, other in zip(built.get_weights(), ours.get_weights(), strict=True):
        assert np.array_equal(one, other)
    kinds = {type(layer).__name__ for layer in ours.layers}
    assert "Fused" in kinds and "BatchNormalization" not in kinds
    answers = [tf.nest.flatten(one(pixels, training=False)) for one in (built, ours)]
    for one, other in zip(*answers, strict=True):
        assert np.array_equal(one, other)
""",
    "moving statistics go as Keras' own layer's do": """
inputs = keras.Input((8, 8, 3))
own = keras.Model(inputs, keras.layers.BatchNormalization(momentum=0.9)(inputs))
ours = fused.for_training(own, fused.FULL)
batch = tf.constant(rng.normal(2, 3, (16, 8, 8, 3)), tf.float32)
for _ in range(3):
    assert np.allclose(own(batch, training=True), ours(batch, training=True), atol=1e-3)
for one, other in zip(own.get_weights(), ours.get_weights(), strict=True):
    assert np.allclose(one, other, rtol=1e-3), (one, other)
assert np.abs(ours.get_weights()[2]).min() > 0.1
""",
    "in half precision answers and weights stay float32": """
ours = fused.for_training(network.build(), fused.MIXED)
answer = ours(in_blocks(pictures(2, 28, 28), 2), training=True)
assert answer.dtype == tf.float32
assert {weight.dtype for weight in ours.get_weights()} == {np.dtype("float32")}
assert {layer.compute_dtype for layer in ours.layers[1:-1]} == {"bfloat16"}
""",
    "what is exported of the finder answers alike, but for the digits": """
trained = settled(finder_network.build())
exported = finder_network.export(trained)
picture = pictures(1, finder_network.HEIGHT, finder_network.WIDTH)
answers = trained(in_blocks(picture, finder_network.BLOCK), training=False)
for i, (one, other) in enumerate(zip(answers, exported(picture, training=False), strict=True)):
    more = i % 3 == 2
    assert one.shape[-1] == other.shape[-1] + DIGIT_CLASSES * more
    if more:
        assert other.shape[-1] == MORE
    assert np.allclose(one[..., : other.shape[-1]], other, rtol=1e-4, atol=1e-4)
""",
    "what is exported of the network that reads answers alike": """
trained = settled(network.build())
exported = network.build(exported=True)
exported.set_weights(trained.get_weights())
picture = pictures(1, 28, 28)
answer = trained(in_blocks(picture, network.BLOCK), training=False)
assert np.allclose(answer, exported(picture, training=False), atol=1e-6)
""",
}


@pytest.mark.parametrize("name", TESTS)
def test_networks(name: str) -> None:
    environ = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    code = PRELUDE + TESTS[name]
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("flags", "there", "best"),
    [
        ("fpu amx_bf16 amx_tile", "cpuinfo", "mixed_bfloat16"),
        ("fpu avx2", "cpuinfo", "float32"),
        ("fpu avx2", "nvidia0", "mixed_bfloat16"),
    ],
)
def test_half_precision_is_for_machines_that_gain_by_it(
    flags: str, there: str, best: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / there).touch()
    (tmp_path / "cpuinfo").write_text(f"flags\t\t: {flags}\n")
    monkeypatch.setattr(fused, "PROCESSOR", tmp_path / "cpuinfo")
    monkeypatch.setattr(framework, "GPU", tmp_path / "nvidia0")
    assert fused.best_precision() == best
