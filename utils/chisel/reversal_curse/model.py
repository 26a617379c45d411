"""A small decoder, all of it on one page: embedding, blocks of attention and MLP, and a head that may be the embedding.

Positions are learned, normalisation comes before each part (Xiong et al. 2020, arXiv 2002.04745), and every weight
matrix starts from a normal distribution with a standard deviation of .02 unless `Shape` says otherwise.
"""

import math
from dataclasses import dataclass

import torch
from einops import einsum, rearrange
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """What a decoder looks like.

    Attributes:
        vocabulary: how many tokens.
        context: the longest sequence, in tokens.
        layers, width, heads: as usual; the MLP is four times as wide.
        tied: whether the head's rows are the embedding's, so that a token is written with the vector it is read with.
        causal: whether a token sees only itself and what is before it.
        spread: standard deviation of the embedding's and the head's first values.
        attention_spread: that of the attention's weights. Attention that must learn where to look starts from small
            weights slowly.
    """

    vocabulary: int
    context: int = 3
    layers: int = 2
    width: int = 64
    heads: int = 4
    tied: bool = False
    causal: bool = True
    spread: float = 0.02
    attention_spread: float = 0.02


class Attention(nn.Module):
    """Multi-head self-attention."""

    def __init__(self, shape: Shape, random: torch.Generator) -> None:
        super().__init__()
        self.heads, self.causal = shape.heads, shape.causal
        self.read = weights(3 * shape.width, shape.width, random, shape.attention_spread)
        self.write = weights(shape.width, shape.width, random, shape.attention_spread)

    def forward(self, x: Tensor) -> Tensor:
        """Map `x: [B, L, D]` to [B, L, D]."""
        q, k, v = rearrange(x @ self.read.T, "b l (three h d) -> three b h l d", three=3, h=self.heads)
        scores = einsum(q, k, "b h i d, b h j d -> b h i j") / math.sqrt(q.shape[-1])
        if self.causal:
            length = x.shape[1]
            later = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        seen = einsum(scores.softmax(-1), v, "b h i j, b h j d -> b h i d")
        return rearrange(seen, "b h l d -> b l (h d)") @ self.write.T


class Block(nn.Module):
    """Attention, then an MLP; each adds to what comes in."""

    def __init__(self, shape: Shape, random: torch.Generator) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(shape.width)
        self.attention = Attention(shape, random)
        self.before_mlp = nn.LayerNorm(shape.width)
        self.rise = weights(4 * shape.width, shape.width, random)
        self.fall = weights(shape.width, 4 * shape.width, random)

    def forward(self, x: Tensor) -> Tensor:
        """Map `x: [B, L, D]` to [B, L, D]."""
        x = x + self.attention(self.before_attention(x))
        return x + nn.functional.gelu(self.before_mlp(x) @ self.rise.T) @ self.fall.T


class Decoder(nn.Module):
    """A decoder-only transformer.

    Args:
        shape: see `Shape`.
        random: the only source of its first weights.

    Raises:
        ValueError: the heads do not divide the width, or a size is below 1.
    """

    def __init__(self, shape: Shape, random: torch.Generator) -> None:
        super().__init__()
        sizes = (shape.vocabulary, shape.context, shape.layers, shape.width, shape.heads)
        if min(sizes) < 1 or shape.width % shape.heads:
            raise ValueError(f"sizes must be at least 1 and the heads must divide the width, got {shape}")
        self.shape = shape
        self.embedding = weights(shape.vocabulary, shape.width, random, shape.spread)
        self.position = weights(shape.context, shape.width, random)
        self.blocks = nn.ModuleList(Block(shape, random) for _ in range(shape.layers))
        self.last = nn.LayerNorm(shape.width)
        if not shape.tied:
            self.head = weights(shape.vocabulary, shape.width, random, shape.spread)

    def forward(self, ids: Tensor) -> Tensor:
        """Map `ids: [B, L]` to logits [B, L, V]; those at position t are for the token at t + 1.

        Without the causal mask they are for the token at t itself, as a masked model needs it.

        Raises:
            ValueError: the sequence is longer than the context.
        """
        length = ids.shape[1]
        if length > self.shape.context:
            raise ValueError(f"a sequence of {length} tokens is longer than the context of {self.shape.context}")
        x = nn.functional.embedding(ids, self.embedding) + self.position[:length]
        for block in self.blocks:
            x = block(x)
        return self.last(x) @ (self.embedding if self.shape.tied else self.head).T


def weights(rows: int, columns: int, random: torch.Generator, spread: float = 0.02) -> nn.Parameter:
    """Return a parameter [rows, columns] with normally distributed first values."""
    return nn.Parameter(torch.randn(rows, columns, generator=random) * spread)
