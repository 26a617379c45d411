"""Three small networks that add modulo p: as modules, and as functions of stacked parameters.

A stack's parameters are a dict name -> [M, ...] with the names of the module's own. The stacked function of the
quadratic network is an exercise and stands in `stacked`.

Sources: the quadratic network is that of Gromov (2023), arXiv 2301.02679; the transformer that of Nanda et al. (2023),
arXiv 2301.05217, with its first values, without biases in the attention and, unless asked for, without layer
normalisation.
"""

import math

import torch
from einops import rearrange
from torch import Tensor, nn

ARCHITECTURES = ("quadratic", "embedding", "transformer")


def _normal(*shape: int, spread: float, random: torch.Generator) -> nn.Parameter:
    return nn.Parameter(torch.randn(*shape, generator=random) * spread)


class Quadratic(nn.Module):
    """One hidden layer that squares: logits = (left[a] + right[b])^2 out, with one-hot inputs.

    Args:
        hidden: units.
        random: the only source of the first values.
    """

    def __init__(self, p: int, hidden: int, random: torch.Generator) -> None:
        super().__init__()
        # The spread that torch gives to the weights of a linear layer with 2p, or with h inputs.
        self.left = _normal(p, hidden, spread=(6 * p) ** -0.5, random=random)
        self.right = _normal(p, hidden, spread=(6 * p) ** -0.5, random=random)
        self.out = _normal(hidden, p, spread=(3 * hidden) ** -0.5, random=random)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Map `a, b: [B]` int to logits [B, p]."""
        return (self.left[a] + self.right[b]).square() @ self.out


class Embedding(nn.Module):
    """Two numbers are embedded by one table and added; then one layer of ReLUs.

    Args:
        width: of the embedding.
        hidden: units.
        random: the only source of the first values.
    """

    def __init__(self, p: int, width: int, hidden: int, random: torch.Generator) -> None:
        super().__init__()
        self.embed = _normal(p, width, spread=width**-0.5, random=random)
        self.inner = _normal(width, hidden, spread=width**-0.5, random=random)
        self.inner_bias = nn.Parameter(torch.zeros(hidden))
        self.out = _normal(hidden, p, spread=hidden**-0.5, random=random)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Map `a, b: [B]` int to logits [B, p]."""
        return torch.relu((self.embed[a] + self.embed[b]) @ self.inner + self.inner_bias) @ self.out


class Transformer(nn.Module):
    """One layer of attention and a multilayer perceptron, read out at the "=" of the sequence "a b =".

    Args:
        width: of the residual stream.
        hidden: units of the perceptron.
        heads: of the attention; they divide the width.
        random: the only source of the first values.
        layer_norm: whether what attention, perceptron and readout read is normalised.
    """

    def __init__(
        self, p: int, width: int, hidden: int, heads: int, random: torch.Generator, layer_norm: bool = False
    ) -> None:
        super().__init__()
        self.heads, self.layer_norm = heads, layer_norm
        square = {"spread": width**-0.5, "random": random}
        self.embed = _normal(p + 1, width, **square)  # the last row is "="
        self.position = _normal(3, width, **square)
        self.query = _normal(width, width, **square)
        self.key = _normal(width, width, **square)
        self.value = _normal(width, width, **square)
        self.mix = _normal(width, width, **square)
        self.inner = _normal(width, hidden, **square)
        self.inner_bias = nn.Parameter(torch.zeros(hidden))
        self.outer = _normal(hidden, width, **square)
        self.outer_bias = nn.Parameter(torch.zeros(width))
        self.unembed = _normal(width, p, spread=p**-0.5, random=random)
        if layer_norm:
            self.norm_gain = nn.Parameter(torch.ones(3, width))
            self.norm_bias = nn.Parameter(torch.zeros(3, width))

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Map `a, b: [B]` int to logits [B, p]. This is the plain way: `transformer_forward` is the quick one."""
        equals = torch.full_like(a, len(self.embed) - 1)
        x = self.embed[torch.stack([a, b, equals], dim=1)] + self.position  # [B, 3, D]
        normed = self.normed(x, 0)
        query, key, value = (
            rearrange(normed @ weight, "b t (h d) -> b h t d", h=self.heads)
            for weight in (self.query, self.key, self.value)
        )
        attention = torch.softmax(query @ key.mT / math.sqrt(key.shape[-1]), dim=-1)
        read = rearrange(attention @ value, "b h t d -> b t (h d)")[:, -1]
        middle = x[:, -1] + read @ self.mix
        hidden = torch.relu(self.normed(middle, 1) @ self.inner + self.inner_bias)
        return self.normed(middle + hidden @ self.outer + self.outer_bias, 2) @ self.unembed

    def normed(self, x: Tensor, place: int) -> Tensor:
        """Return `x: [..., D]` as it is read before attention (place 0), perceptron (1) or readout (2)."""
        if not self.layer_norm:
            return x
        return nn.functional.layer_norm(x, x.shape[-1:], self.norm_gain[place], self.norm_bias[place])


def embedding_forward(params: dict[str, Tensor], a: Tensor, b: Tensor) -> Tensor:
    """Return the logits [M, N, p] of M embedding networks for their own pairs `a, b: [M, N]` int."""
    both = _rows(params["embed"], a) + _rows(params["embed"], b)
    hidden = torch.relu(torch.baddbmm(params["inner_bias"].unsqueeze(1), both, params["inner"]))
    return hidden @ params["out"]


def transformer_forward(params: dict[str, Tensor], a: Tensor, b: Tensor, heads: int = 4) -> Tensor:
    """Return the logits [M, N, p] of M transformers for their own pairs `a, b: [M, N]` int.

    Only the last position is read out, and it always holds "=". So there is one query a network, and what is attended
    to is one of p numbers at the first position, one of p at the second, or "=". Scores and values are therefore
    tables of 2 p + 1 rows, which cost next to nothing; each pair looks up its two rows.
    """
    embed, position = params["embed"], params["position"]
    p = embed.shape[1] - 1
    last = embed[:, p:] + position[:, 2:]  # [M, 1, D]
    x = torch.cat([embed[:, :p] + position[:, :1], embed[:, :p] + position[:, 1:2], last], dim=1)  # [M, 2p + 1, D]
    normed = _normed(x, params, 0)
    query = rearrange(normed[:, -1:] @ params["query"], "m 1 (h d) -> m 1 h d", h=heads)
    key, value = (rearrange(normed @ params[name], "m t (h d) -> m t h d", h=heads) for name in ("key", "value"))
    score = (query * key).sum(-1) / math.sqrt(key.shape[-1])  # [M, 2p + 1, H]
    seen = torch.stack([_rows(score, a), _rows(score, b + p), score[:, -1:].expand(*a.shape, -1)], dim=2)
    of_a, of_b, of_equals = torch.softmax(seen, dim=2).unsqueeze(-1).unbind(2)  # [M, N, H, 1] each
    read = of_a * _rows(value, a) + of_b * _rows(value, b + p) + of_equals * value[:, -1:]
    read = rearrange(read, "m n h d -> m n (h d)")
    middle = last + read @ params["mix"]
    hidden = torch.relu(torch.baddbmm(params["inner_bias"].unsqueeze(1), _normed(middle, params, 1), params["inner"]))
    out = middle + torch.baddbmm(params["outer_bias"].unsqueeze(1), hidden, params["outer"])
    return _normed(out, params, 2) @ params["unembed"]


def _normed(x: Tensor, params: dict[str, Tensor], place: int) -> Tensor:
    """Return `x: [M, N, D]` as `Transformer.normed` does, each member with its own gain and bias."""
    if "norm_gain" not in params:
        return x
    gain, bias = (params[name][:, place : place + 1] for name in ("norm_gain", "norm_bias"))
    return nn.functional.layer_norm(x, x.shape[-1:]) * gain + bias


def _rows(tables: Tensor, rows: Tensor) -> Tensor:
    """Return rows [M, N, ...] of `tables: [M, R, ...]`, each member its own `rows: [M, N]`."""
    members, size, *shape = tables.shape
    offset = torch.arange(members, device=rows.device).unsqueeze(1) * size
    found = nn.functional.embedding(rows + offset, tables.reshape(members * size, -1))
    return found.view(*rows.shape, *shape)
