"""Many small networks of one shape as one batch: their parameters get a leading member axis M.

Small models leave a GPU idle and, one after another, cost a loop's overhead each. Stacked they are one computation, and
each member's gradient is still its own as long as the loss is a sum over members.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap


@dataclass(frozen=True)
class Stack:
    """M networks of one shape, called as one.

    Attributes:
        template: a module of their shape; its own weights are never used.
        parameters: name -> leaf tensor [M, ...].
    """

    template: nn.Module
    parameters: dict[str, Tensor]

    @property
    def members(self) -> int:
        """How many networks."""
        return len(next(iter(self.parameters.values())))

    def __call__(self, inputs: Tensor) -> Any:
        """Return the outputs [M, ...] of every network for its own `inputs: [M, ...]`."""
        if self.members == 1:  # one network needs no batching rules, which cost it half of its speed
            weights = {name: values[0] for name, values in self.parameters.items()}
            out = functional_call(self.template, weights, (inputs[0],))
            return tuple(part.unsqueeze(0) for part in out) if isinstance(out, tuple) else out.unsqueeze(0)
        return vmap(lambda weights, x: functional_call(self.template, weights, (x,)))(self.parameters, inputs)

    def modules(self) -> list[nn.Module]:
        """Return the networks as separate modules with weights of their own."""
        nets = []
        for member in range(self.members):
            net = copy.deepcopy(self.template)
            net.load_state_dict({name: values[member].detach() for name, values in self.parameters.items()})
            nets.append(net)
        return nets


def stack_modules(nets: Sequence[nn.Module], device: torch.device | str = "cpu") -> Stack:
    """Return `nets` as one stack on `device`. The modules themselves are left alone.

    Raises:
        ValueError: there are none, their shapes differ, or they have buffers (as batch normalisation does).
    """
    if not nets:
        raise ValueError("a stack needs at least one network")
    shapes = [{name: p.shape for name, p in net.named_parameters()} for net in nets]
    if any(shape != shapes[0] for shape in shapes):
        raise ValueError("the networks of a stack must have the same parameters with the same shapes")
    parameters, buffers = stack_module_state(list(nets))
    if buffers:
        raise ValueError(f"a stack cannot hold buffers, but these networks have {', '.join(sorted(buffers))}")
    template = copy.deepcopy(nets[0]).to(device)
    return Stack(template, {name: p.detach().to(device).clone().requires_grad_() for name, p in parameters.items()})


def clip_each(stack: Stack, largest: float) -> Tensor:
    """Scale each member's gradient down to the norm `largest` if it is longer, in place; return the norms [M]."""
    grads = [p.grad for p in stack.parameters.values() if p.grad is not None]
    norms = torch.stack([g.flatten(1).norm(dim=1) for g in grads]).norm(dim=0)  # [M]
    factor = (largest / (norms + 1e-6)).clamp(max=1)
    for g in grads:
        g.mul_(factor.view(-1, *[1] * (g.dim() - 1)))
    return norms
