"""Dropout that costs next to nothing on a CPU, where drawing one random number an element takes a tenth of a training step.

Knows tensors only.
"""

import torch
from torch import Tensor, nn

LEVELS = 256


class ByteDropout(nn.Module):
    """Dropout (Srivastava et al. 2014) from one random byte an element, eight of them to a draw.

    Args:
        p: share of the elements that become zero, rounded to a 256th; less than 1.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.dropped = round(p * LEVELS)
        if not 0 <= self.dropped < LEVELS:
            raise ValueError(f"a share of {p} cannot be dropped")

    @property
    def p(self) -> float:
        """The share that is dropped, by the name that attention kernels ask for."""
        return self.dropped / LEVELS

    def forward(self, values: Tensor) -> Tensor:
        """The values, some of them zero and the others scaled up, while training; unchanged otherwise."""
        if not (self.training and self.dropped):
            return values
        count = values.numel()
        draws = torch.empty((count + 7) // 8, dtype=torch.int64, device=values.device).random_(-(2**63), None)
        kept = draws.view(torch.uint8)[:count].view(values.shape) >= self.dropped
        return values * kept * (LEVELS / (LEVELS - self.dropped))


def replace_dropout(module: nn.Module) -> None:
    """Puts a ByteDropout in the place of every nn.Dropout below a module."""
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Dropout):
                setattr(parent, name, ByteDropout(child.p))
