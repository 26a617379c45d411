"""A stack computes what its networks compute one by one, and no network feels another."""

import copy

import pytest
import torch
from torch import nn

from chisel.core.ensembles import clip_each, stack_modules
from chisel.core.seeding import generator


class Net(nn.Module):
    """Two outputs, as an actor and a critic have."""

    def __init__(self, seed: int, width: int = 6) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(3, width), nn.Linear(width, 2)
        random = generator(seed, "net")
        for p in self.parameters():
            p.data = torch.randn(p.shape, generator=random)

    def forward(self, x):
        hidden = torch.tanh(self.first(x))
        return self.second(hidden), hidden.sum(-1)


def batch(members: int) -> torch.Tensor:
    return torch.randn(members, 5, 3, generator=generator(0, "inputs"))


def loss_of(outputs) -> torch.Tensor:
    return (outputs[0] ** 2).mean() + outputs[1].mean()


@pytest.mark.parametrize("members", [1, 2, 5])
def test_a_stack_gives_what_each_network_gives_and_the_gradients_too(members):
    nets = [Net(seed) for seed in range(members)]
    stack, inputs = stack_modules(nets), batch(members)
    outputs = stack(inputs)
    torch.stack([loss_of([part[m] for part in outputs]) for m in range(members)]).sum().backward()
    for m, net in enumerate(nets):
        alone = net(inputs[m])
        torch.testing.assert_close(outputs[0][m], alone[0])
        torch.testing.assert_close(outputs[1][m], alone[1])
        loss_of(alone).backward()
        for name, p in net.named_parameters():
            torch.testing.assert_close(stack.parameters[name].grad[m], p.grad)


def test_a_network_with_one_output_is_stacked_as_well():
    nets = [nn.Linear(3, 2) for _ in range(3)]
    for members in (1, 3):
        out = stack_modules(nets[:members])(batch(members))
        torch.testing.assert_close(out[0], nets[0](batch(members)[0]))
        assert out.shape == (members, 5, 2)


def test_the_loss_of_one_member_moves_no_other():
    stack = stack_modules([Net(seed) for seed in range(3)])
    loss_of([part[1] for part in stack(batch(3))]).backward()
    for p in stack.parameters.values():
        assert p.grad[1].abs().sum() > 0
        assert not p.grad[[0, 2]].any()


def test_neither_the_networks_nor_the_template_change():
    nets = [Net(seed) for seed in range(2)]
    before = copy.deepcopy([net.state_dict() for net in nets])
    stack = stack_modules(nets)
    template = copy.deepcopy(stack.template.state_dict())
    optimiser = torch.optim.Adam(stack.parameters.values(), lr=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        stack(batch(2))[0].sum().backward()
        optimiser.step()
    for net, old in zip(nets, before, strict=True):
        assert all(torch.equal(value, old[name]) for name, value in net.state_dict().items())
        assert all(p.grad is None for p in net.parameters())
    assert all(torch.equal(value, template[name]) for name, value in stack.template.state_dict().items())
    assert all(p.grad is None for p in stack.template.parameters())
    assert not torch.equal(stack.parameters["first.weight"][0], before[0]["first.weight"])


def test_modules_are_copies_with_each_members_weights():
    stack = stack_modules([Net(seed) for seed in range(3)])
    nets = stack.modules()
    inputs = batch(3)
    expected = stack(inputs)[0]
    for m, net in enumerate(nets):
        torch.testing.assert_close(net(inputs[m])[0], expected[m])
        for p in net.parameters():
            p.data.zero_()
    assert torch.equal(stack(inputs)[0], expected)


def test_each_member_is_clipped_by_its_own_norm():
    stack = stack_modules([Net(seed) for seed in range(3)])
    wanted = torch.tensor([0.5, 1.0, 40.0])
    for p in stack.parameters.values():
        p.grad = torch.randn(p.shape, generator=generator(1, p.shape))
    norms = torch.stack([p.grad.flatten(1).norm(dim=1) for p in stack.parameters.values()]).norm(dim=0)
    for p in stack.parameters.values():
        p.grad.mul_((wanted / norms).view(-1, *[1] * (p.dim() - 1)))
    before = {name: p.grad.clone() for name, p in stack.parameters.items()}
    torch.testing.assert_close(clip_each(stack, 2.0), wanted)
    for name, p in stack.parameters.items():
        assert torch.equal(p.grad[:2], before[name][:2]), "short gradients stay as they are"
        torch.testing.assert_close(p.grad[2], before[name][2] / 20)


def test_clipping_is_what_torch_does_to_each_alone():
    net = Net(0)
    stack = stack_modules([net])
    loss_of(net(batch(1)[0])).backward()
    loss_of(stack(batch(1))).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 0.1)
    clip_each(stack, 0.1)
    for name, p in net.named_parameters():
        torch.testing.assert_close(stack.parameters[name].grad[0], p.grad)


def test_frozen_parameters_have_no_part_in_the_norm():
    stack = stack_modules([Net(seed) for seed in range(2)])
    for name, p in stack.parameters.items():
        p.requires_grad_(name.startswith("second"))
    stack(batch(2))[0].sum().backward()
    norms = clip_each(stack, 1e9)
    parts = [stack.parameters[name].grad.flatten(1) for name in ("second.weight", "second.bias")]
    torch.testing.assert_close(norms, torch.cat(parts, dim=1).norm(dim=1))
    assert stack.parameters["first.weight"].grad is None


def test_what_cannot_be_stacked_is_refused():
    with pytest.raises(ValueError, match="at least one network"):
        stack_modules([])
    with pytest.raises(ValueError, match="same parameters with the same shapes"):
        stack_modules([Net(0), Net(1, width=7)])
    with pytest.raises(ValueError, match=r"cannot hold buffers, but these networks have .*running_mean"):
        stack_modules([nn.BatchNorm1d(3), nn.BatchNorm1d(3)])
