"""One step of gradient descent, compiled: by TensorFlow, or by JAX, which is what trains on a GPU."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import keras

AVERAGE_OVER = 0.998  # weights are averaged over about the last 500 steps
SHORT = 10.0  # steps: of the first, fewer are averaged over, so that the random start is forgotten


class Losses(NamedTuple):
    """What a step makes less of, a scalar, and what of it is reported, a scalar or a vector."""

    total: Any
    reported: Any


Loss = Callable[[Any, Any, Any], Losses]
"""Called with the network, inputs and targets."""


class GradientStep(Protocol):
    """Learns from one batch."""

    def __call__(self, inputs: Any, targets: Any) -> Any:  # noqa: ANN401  # neither framework ships types
        """Learn; gives `Losses.reported`, which may still be worked out on another device."""

    def settle(self) -> None:
        """Bring what was learned into the network's, the optimizer's and the average's variables."""


class TensorFlowStep:
    """A step as a graph of TensorFlow's, which changes the variables themselves."""

    def __init__(self, model: "keras.Model", optimizer: Any, average: list[Any], loss: Loss) -> None:  # noqa: ANN401
        """Take what changes, and what of it is made less."""
        import tensorflow as tf

        self._model, self._optimizer, self._average, self._loss = model, optimizer, average, loss
        self._step = tf.function(self._learn)

    def __call__(self, inputs: Any, targets: Any) -> Any:  # noqa: ANN401
        """Learn from one batch."""
        return self._step(inputs, targets)

    def settle(self) -> None:
        """Do nothing: the variables are up to date."""

    def _learn(self, inputs: Any, targets: Any) -> Any:  # noqa: ANN401
        import tensorflow as tf

        with tf.GradientTape() as tape:
            losses = self._loss(self._model, inputs, targets)
        gradients = tape.gradient(losses.total, self._model.trainable_variables)
        self._optimizer.apply_gradients(zip(gradients, self._model.trainable_variables, strict=True))
        keep = _keep(self._optimizer.iterations)
        for average, weight in zip(self._average, self._model.weights, strict=True):
            average.assign(keep * average + (1 - keep) * weight)
        return losses.reported


class JaxStep:
    """A step as a function of JAX', from the variables' values to new ones, which stay on the GPU."""

    def __init__(self, model: "keras.Model", optimizer: Any, average: list[Any], loss: Loss) -> None:  # noqa: ANN401
        """Take what changes, and what of it is made less."""
        import jax

        self._model, self._optimizer, self._loss = model, optimizer, loss
        self._variables = (
            model.trainable_variables,
            model.non_trainable_variables,
            optimizer.variables,
            average,
        )
        self._values: Any = None
        self._step = jax.jit(self._learn, donate_argnums=0)

    def __call__(self, inputs: Any, targets: Any) -> Any:  # noqa: ANN401
        """Learn from one batch."""
        if self._values is None:
            # copies: what a variable holds must outlive what the step is given
            self._values = [[variable.value.copy() for variable in kind] for kind in self._variables]
        self._values, reported = self._step(self._values, inputs, targets)
        return reported

    def settle(self) -> None:
        """Bring the values into their variables, and take them from there when it goes on."""
        if self._values is not None:
            for variables, values in zip(self._variables, self._values, strict=True):
                for variable, value in zip(variables, values, strict=True):
                    variable.assign(value)
            self._values = None

    def _learn(self, values: Any, inputs: Any, targets: Any) -> Any:  # noqa: ANN401
        import jax

        trainable, others, state, average = values
        gradient = jax.value_and_grad(self._forward, has_aux=True)
        (_, (reported, others)), gradients = gradient(trainable, others, inputs, targets)
        trainable, state = self._optimizer.stateless_apply(state, gradients, trainable)
        places = {
            id(v): value
            for kind, known in zip(self._variables[:2], (trainable, others), strict=True)
            for v, value in zip(kind, known, strict=True)
        }
        keep = _keep(state[0])
        average = [
            keep * mean + (1 - keep) * places[id(weight)]
            for mean, weight in zip(average, self._model.weights, strict=True)
        ]
        return (trainable, others, state, average), reported

    def _forward(self, trainable: Any, others: Any, inputs: Any, targets: Any) -> Any:  # noqa: ANN401
        import keras

        known = [*zip(self._variables[0], trainable, strict=True), *zip(self._variables[1], others, strict=True)]
        with keras.StatelessScope(state_mapping=known) as scope:
            losses = self._loss(self._model, inputs, targets)
        return losses.total, (losses.reported, [scope.get_current_value(variable) for variable in self._variables[1]])


def _keep(steps: Any) -> Any:  # noqa: ANN401
    """Tell how much of the average the next step leaves."""
    from keras import ops

    step = ops.cast(steps, "float32")
    return ops.minimum(AVERAGE_OVER, step / (step + SHORT))
