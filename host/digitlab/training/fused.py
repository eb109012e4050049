"""A network as it trains fastest: batch normalization in one operation, and numbers of sixteen bits where they do.

Keras takes batch normalization apart into a dozen operations, which TensorFlow takes longer for than for the
convolutions between them; JAX' compiler puts them together again.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitlab.training import framework

if TYPE_CHECKING:
    import keras

FULL, MIXED = "float32", "mixed_bfloat16"
PRECISIONS = FULL, MIXED
PROCESSOR = Path("/proc/cpuinfo")
MULTIPLIES_HALVES = "amx_bf16"  # the flag of processors that multiply bfloat16 several times as fast as float32


def best_precision() -> str:
    """Tell what trains fastest here: `MIXED` with a GPU or a processor made for it, `FULL` without."""
    flags = PROCESSOR.read_text("utf-8") if PROCESSOR.is_file() else ""
    return MIXED if framework.GPU.exists() or MULTIPLIES_HALVES in flags else FULL


def for_training(network: "keras.Model", precision: str) -> "keras.Model":
    """Give the same layers and weights, to be trained; its answers are float32 in any precision."""
    import keras

    def clone(layer: "keras.Layer") -> "keras.Layer":
        taken_apart = type(layer) is keras.layers.BatchNormalization and keras.config.backend() == framework.TENSORFLOW
        kind = _fused() if taken_apart else type(layer)
        answers = layer.name in network.output_names
        return kind.from_config({**layer.get_config(), "dtype": FULL if answers else precision})

    cloned = keras.models.clone_model(network, clone_function=clone)
    cloned.set_weights(network.get_weights())
    return cloned


@lru_cache
def _fused() -> Any:  # noqa: ANN401  # Keras ships no types
    import keras
    import tensorflow as tf

    class Fused(keras.layers.BatchNormalization):  # type: ignore[misc]
        """Batch normalization over the last axis."""

        def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:  # noqa: ANN401, FBT001
            if not training:
                return super().call(inputs, training=training, mask=mask)
            nothing = tf.zeros(0)
            scale, offset = tf.convert_to_tensor(self.gamma), tf.convert_to_tensor(self.beta)
            answer, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
                x=inputs, scale=scale, offset=offset, mean=nothing, variance=nothing, epsilon=self.epsilon
            )
            for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign(moving * self.momentum + batch * (1 - self.momentum))
            return answer

    return Fused
