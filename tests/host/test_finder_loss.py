"""The finder's losses, in a process of its own: where TensorFlow is loaded, tflite-runtime no longer works."""

import os
import subprocess
import sys

import pytest

PRELUDE = """
import numpy as np
import tensorflow as tf
from digitlab.scenes import views
from digitlab.training.finder import loss

boxes = np.array([[10, 10, 18, 24, 1, 0, 3, 0], [60, 40, 90, 80, 1, 1, 0, 0], [120, 30, 250, 200, 0.7, 0, 9, 0],
                  [200, 210, 230, 250, 1, 0, 7, 1]], np.float32)
targets = [target[None] for target in views.targets(boxes, 2)]
sure = 14.0

def perfect():
    answers = []
    for target in targets:
        reach = np.maximum(target[..., 1:5], 1e-3)
        digit = target[..., 11:12] == np.arange(10)
        answers += [
            np.where(target[..., :1] == 1, sure, -sure),
            np.where(reach > 20, reach, np.log(np.expm1(np.minimum(reach, 20)))),
            np.where(np.concatenate([target[..., 5:11] == 1, digit], -1), sure, -sure),
        ]
    return [tf.constant(answer, tf.float32) for answer in answers]
"""
TESTS = {
    "perfect answers cost about nothing": """
assert loss(perfect(), targets).numpy().max() < 1e-3
""",
    "every kind of mistake costs": """
right = loss(perfect(), targets).numpy()
for kind, spoil in enumerate([
    lambda a: [-x if i % 3 == 0 else x for i, x in enumerate(a)],
    lambda a: [x + 3 if i % 3 == 1 else x for i, x in enumerate(a)],
    lambda a: [tf.concat([-x[..., :4], x[..., 4:]], -1) if i % 3 == 2 else x for i, x in enumerate(a)],
    lambda a: [tf.concat([x[..., :4], -x[..., 4:5], x[..., 5:]], -1) if i % 3 == 2 else x for i, x in enumerate(a)],
    lambda a: [tf.concat([x[..., :5], -x[..., 5:6], x[..., 6:]], -1) if i % 3 == 2 else x for i, x in enumerate(a)],
    lambda a: [tf.concat([x[..., :6], -x[..., 6:]], -1) if i % 3 == 2 else x for i, x in enumerate(a)],
]):
    wrong = loss(spoil(perfect()), targets).numpy()
    assert wrong[kind] > right[kind] + 0.1, (kind, wrong, right)
    assert np.allclose(np.delete(wrong, kind), np.delete(right, kind), atol=1e-4), (kind, wrong, right)
""",
    "there is a gradient, but for places that may answer what they like": """
answers = [tf.Variable(tf.random.normal(answer.shape, seed=i)) for i, answer in enumerate(perfect())]
with tf.GradientTape() as tape:
    total = tf.reduce_sum(loss(answers, targets))
for i, gradient in enumerate(tape.gradient(total, answers)):
    gradient, target = gradient.numpy(), targets[i // 3]
    assert np.isfinite(gradient).all()
    assert np.abs(gradient[target[..., 0] == 1]).max() > 0
    assert (gradient[target[..., views.COUNTS] == 0] == 0).all()
    if i % 3:
        assert (gradient[target[..., 0] == 0] == 0).all()
    else:
        assert (gradient[(target[..., 0] == 0) & (target[..., views.COUNTS] > 0)] > 0).all()
""",
}


@pytest.mark.parametrize("name", TESTS)
def test_the_loss(name: str) -> None:
    environ = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    code = PRELUDE + TESTS[name]
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
