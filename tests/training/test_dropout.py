"""Dropout from bytes drops as much as any other."""

import pytest
import torch
from torch import nn

from attribution.training.dropout import ByteDropout, replace_dropout


def test_the_share_is_dropped_and_the_mean_is_kept() -> None:
    torch.manual_seed(1)
    dropped = ByteDropout(0.1)(torch.ones(400, 300))
    assert (dropped == 0).float().mean().item() == pytest.approx(0.1, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)


def test_nothing_is_dropped_when_not_training() -> None:
    values = torch.randn(7, 5)
    assert torch.equal(ByteDropout(0.5).eval()(values), values)


def test_every_dropout_of_a_network_is_replaced() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.25)))
    replace_dropout(network)
    assert [module.p for module in network.modules() if isinstance(module, ByteDropout)] == [0.25]
    assert not any(isinstance(module, nn.Dropout) for module in network.modules())
