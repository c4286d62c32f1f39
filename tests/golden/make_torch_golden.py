#!/usr/bin/python3
"""Writes torch_golden.csv: activations, losses and small nets with gradients, from PyTorch in double.

Run as: /usr/bin/python3 make_torch_golden.py (Debian package python3-torch).
"""
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
POINTS = [-30.0, -7.5, -3.0, -1.25, -0.7, -0.1, -1e-10, 0.0, 1e-10, 0.3, 1.0, 2.5, 6.0, 18.0]
ACTIVATIONS = {
    "Linear": lambda x: x * 1.0,
    "ReLU": torch.relu,
    "Tanh": torch.tanh,
    "Sigmoid": torch.sigmoid,
    "Softplus": lambda x: F.softplus(x, threshold=1000.0),  # beyond its threshold PyTorch takes x itself
    "GELU": F.gelu,
    "SiLU": F.silu,
    "LeakyReLU": F.leaky_relu,
    "ELU": F.elu,
}
WIDTHS = [3, 4, 3, 2]  # inputs, then the neurons of each layer


def numbers(count, scale, start):
    """Numbers with no pattern that matters, the same everywhere."""
    return [scale * (((i + start) * 7919) % 1013 / 506.5 - 1.0) for i in range(count)]


def lines_of(case, **quantities):
    for quantity, tensor in quantities.items():
        for i, x in enumerate(torch.as_tensor(tensor).detach().reshape(-1).tolist()):
            yield f"{case},{quantity},{i},{x!r}"


def activation(name, function):
    x = torch.tensor(POINTS, requires_grad=True)
    value = function(x)
    value.sum().backward()
    yield from lines_of(f"activation {name}", input=x, output=value, gradient=x.grad)


def cross_entropy(case, logits, label):
    x = torch.tensor(logits, requires_grad=True)
    loss = F.cross_entropy(x.unsqueeze(0), torch.tensor([label]))
    loss.backward()
    yield from lines_of(f"cross_entropy {case}", input=x, label=float(label), loss=loss, gradient=x.grad)


def hinge():
    scores = torch.tensor([0.5, -3.0, 2.0, 1.25, -0.125], requires_grad=True)
    targets = torch.tensor([1.0, 1.0, -1.0, 1.0, -1.0])
    loss = torch.clamp(1 - targets * scores, min=0).mean()
    loss.backward()
    yield from lines_of("hinge", input=scores, target=targets, loss=loss, gradient=scores.grad)


def mlp(name, function):
    """Three layers, the last one linear; the loss is the cross-entropy of class 1."""
    count = sum((a + 1) * b for a, b in zip(WIDTHS, WIDTHS[1:]))
    flat = torch.tensor(numbers(count, 1.25, 3), requires_grad=True)  # a neuron: its weights, then its bias
    x = torch.tensor(numbers(WIDTHS[0], 2.0, 41), requires_grad=True)
    hidden, start = x, 0
    for layer, (a, b) in enumerate(zip(WIDTHS, WIDTHS[1:])):
        block = flat[start:start + (a + 1) * b].reshape(b, a + 1)
        start += (a + 1) * b
        hidden = F.linear(hidden, block[:, :a], block[:, a])
        if layer < len(WIDTHS) - 2:
            hidden = function(hidden)
    loss = F.cross_entropy(hidden.unsqueeze(0), torch.tensor([1]))
    loss.backward()
    yield from lines_of(f"mlp {name}", input=x, parameter=flat, output=hidden, loss=loss, gradient=flat.grad,
                        input_gradient=x.grad)


def lines():
    for name, function in ACTIVATIONS.items():
        yield from activation(name, function)
    yield from cross_entropy("ordinary", [1.0, 2.0, 3.0, -0.5], 2)
    yield from cross_entropy("huge", [1000.0, -1000.0, 999.0], 2)
    yield from cross_entropy("equal", [0.25, 0.25, 0.25, 0.25, 0.25], 4)
    yield from hinge()
    for name, function in ACTIVATIONS.items():
        yield from mlp(name, function)


def main():
    header = [f"# Made by make_torch_golden.py with torch {torch.__version__} in double; do not edit.",
              "case,quantity,index,number"]
    out = pathlib.Path(__file__).with_name("torch_golden.csv")
    out.write_text("\n".join([*header, *lines()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
