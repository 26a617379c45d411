"""A tiny causal model for the checks: it reads token by token, remembers, and answers otherwise in training mode."""

import torch
from torch import Tensor, nn

from chisel.checking import Draw


class TooLong(Exception):
    """The sequence is longer than the reader can take."""


class Reader(nn.Module):
    """Map ids [B, L] to logits [B, L, V]; those at position t depend on the ids up to t, and on their order.

    Args:
        draw: of the weights.
        tokens: V.
        sharpness: a factor on the logits.
        longest: sequences of more tokens raise `TooLong`.
    """

    def __init__(self, draw: Draw, tokens: int, sharpness: float = 1.5, longest: int = 100):
        super().__init__()
        self.read, self.write = (nn.Parameter(draw.normal(tokens, 3)) for _ in range(2))
        self.keep = nn.Parameter(draw.normal(3, 3))
        self.bias = nn.Parameter(draw.normal(tokens))
        self.sharpness, self.longest = sharpness, longest

    @property
    def dtype(self) -> torch.dtype:
        """Of the logits."""
        return self.read.dtype

    @property
    def device(self) -> torch.device:
        """Of the logits."""
        return self.read.device

    def forward(self, ids: Tensor) -> Tensor:
        """See the class. In training mode it is less sure, and forgets more."""
        if ids.shape[1] > self.longest:
            raise TooLong(f"{ids.shape[1]} tokens, where {self.longest} are the most")
        memory, out = self.read.new_zeros(len(ids), 3), []
        for token in ids.unbind(1):
            memory = torch.tanh(memory @ self.keep * (0.3 if self.training else 1) + self.read[token])
            out.append((memory @ self.write.T + self.bias) * self.sharpness / (2 if self.training else 1))
        return torch.stack(out, dim=1) if out else self.read.new_zeros(len(ids), 0, len(self.read))


def steps(reader: Reader, row: Tensor) -> Tensor:
    """Return [L - 1]: the log-probability of each token of a row after all that are before it, one reading for each."""
    with torch.no_grad():
        ends = [reader(row[None, :place])[0, -1] for place in range(1, len(row))]
    found = [end[token] - torch.logsumexp(end, 0) for end, token in zip(ends, row[1:], strict=True)]
    return torch.stack(found) if found else row.new_zeros(0, dtype=reader.dtype)
