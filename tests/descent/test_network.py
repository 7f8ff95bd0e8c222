"""Where a network's weights lie among its parameters."""

from __future__ import annotations

import numpy as np
import pytest

from gdrun.descent.network import Layer, Network

CHAINS = {
    "one": (Layer(3, 1),),
    "several": (Layer(3, 5, "relu"), Layer(5, 4, "tanh"), Layer(4, 2)),
    "wide": (Layer(40, 33, "relu"), Layer(33, 3)),
    "softmax": (Layer(64, 10),),
}
each_chain = pytest.mark.parametrize("layers", CHAINS.values(), ids=CHAINS)


def test_weights_of_few_units_with_many_inputs_lie_unit_by_unit() -> None:
    layers = [Layer(64, 10), Layer(32, 2), Layer(32, 15), Layer(31, 10), Layer(64, 16), Layer(64, 1)]
    assert [layer.unit_by_unit for layer in layers] == [True, True, True, False, False, False]
    for layer in layers:
        (W,) = Network((layer,)).weights(np.arange(layer.size)[None])
        order = np.arange(layer.size)
        expected = order.reshape(layer.k, -1).T if layer.unit_by_unit else order.reshape(-1, layer.k)
        np.testing.assert_array_equal(W[0], expected)


@each_chain
def test_every_parameter_is_one_weight(layers: tuple[Layer, ...]) -> None:
    network = Network(layers)
    places = network.weights(np.arange(2 * network.size).reshape(2, -1))
    assert [W.shape for W in places] == [(2, layer.n + 1, layer.k) for layer in layers]
    for run in range(2):
        found = np.concatenate([W[run].ravel() for W in places])
        assert sorted(found.tolist()) == list(range(run * network.size, (run + 1) * network.size))


@each_chain
def test_what_is_taken_apart_by_names_is_put_together_again(layers: tuple[Layer, ...]) -> None:
    network = Network(layers)
    parameters = np.random.default_rng(0).normal(size=network.size)
    names = network.named(parameters)
    assert names["weights_1"].shape == (layers[0].n, layers[0].k)
    np.testing.assert_array_equal(network.unnamed(names), parameters)
    with pytest.raises(KeyError):
        network.unnamed({name: array for name, array in names.items() if name != "biases_1"})
    with pytest.raises(ValueError, match="broadcast"):
        network.unnamed(names | {"weights_1": names["weights_1"][:-1]})


@each_chain
def test_a_list_has_the_weights_input_by_input_and_then_the_biases(layers: tuple[Layer, ...]) -> None:
    network, start = Network(layers), 0.0
    names = network.named(network.listed([float(i) for i in range(network.size)]))
    for i, layer in enumerate(layers, 1):
        np.testing.assert_array_equal(names[f"weights_{i}"].ravel(), start + np.arange(layer.n * layer.k))
        np.testing.assert_array_equal(names[f"biases_{i}"], start + layer.n * layer.k + np.arange(layer.k))
        start += layer.size
