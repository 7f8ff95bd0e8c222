"""A wrong `expect` block of a config, and the exact lines that its errors are."""

from __future__ import annotations

import pytest

from tests.experiment.config_cases import check, on_iris

ON_IRIS = [
    ("expect: 0.95", "5:9: expect: must be a block such as {status: finished, validation_accuracy: {at_least: 0.95}}"),
    (
        "expect: {validation_accuracy: 0.95}",
        "5:31: expect.validation_accuracy: must be a block such as {at_least: 0.95} or {at_most: 0.1}",
    ),
    ("expect: {train_loss: {max: 1}}", "5:23: expect.train_loss.max: unknown key: write at_most"),
    ("expect: {train_loss: {at_leest: 1}}", "5:23: expect.train_loss.at_leest: unknown key: did you mean at_least?"),
    ("expect: {train_loss: {}}", "5:22: expect.train_loss: required: at_least, at_most or both"),
    (
        "expect: {train_loss: {at_least: 2, at_most: 1}}",
        "5:45: expect.train_loss.at_most: must not be less than at_least, 2",
    ),
    ("expect: {train_loss: {at_most: 1e999}}", "5:32: expect.train_loss.at_most: must be finite, not inf"),
    (
        "expect: {train_loss: {at_most: '1'}}",
        "5:32: expect.train_loss.at_most: must be a number, not '1'",
    ),
    ("expect: {accuracy: {at_least: 1}}", "5:10: expect.accuracy: unknown key: write validation_accuracy"),
    (
        "expect: {validation_acuracy: {at_least: 1}}",
        "5:10: expect.validation_acuracy: unknown key: did you mean validation_accuracy?",
    ),
    (
        "expect: {mean_step_angel: {at_least: 1}}",
        "5:10: expect.mean_step_angel: unknown key: did you mean mean_step_angle?",
    ),
    (
        "expect: {mean_step_angle: {at_least: 1}}",
        "5:27: expect.mean_step_angle: is not measured: set record.step_angle, after how many epochs or steps",
    ),
    (
        "expect: {mean_batch_noise: {at_least: 1}, final_gradient_norm_12: {at_most: 1}}",
        "5:28: expect.mean_batch_noise: is not measured: set record.gradient_noise, after how many epochs or steps\n"
        "5:67: expect.final_gradient_norm_12: is not measured: set record.layers, after how many epochs or steps",
    ),
    (
        "expect: {speed: {at_least: 1}}",
        "5:10: expect.speed: no outcome: write status, or a column of runs.csv such as validation_accuracy",
    ),
    (
        "expect: {train_loss: {at_most: 1}, final_train_loss: {at_most: 1}}",
        "5:36: expect.final_train_loss: is the same as train_loss: one of them",
    ),
    (
        "expect: {status: [finished, diverges]}",
        "5:29: expect.status[1]: must be finished, converged, stopped, diverged or left, not 'diverges': "
        "did you mean diverged?",
    ),
    ("expect: {at_least: 1}", "5:10: expect.at_least: unknown key: write an outcome first, such as …"),
]


@pytest.mark.parametrize(("lines", "expected"), ON_IRIS, ids=lambda value: value[:40])
def test_error_on_data(lines: str, expected: str) -> None:
    check(on_iris(lines), expected)
