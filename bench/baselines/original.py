"""The training step of W1 and L1 by the algorithm of the Python original: objects with closures, a topological
order by recursion and a set, parameters that are moved one by one.

Reads the task as one line of JSON; then makes a step for each further line and prints the loss before it plus
the sum of its gradients."""

import json
import sys


class Value:
    def __init__(self, data, children=()):
        self.data = data
        self.grad = 0.0
        self.children = children
        self.push = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def push():
            self.grad += out.grad
            other.grad += out.grad

        out.push = push
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def push():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.push = push
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def relu(self):
        out = Value(max(0.0, self.data), (self,))

        def push():
            self.grad += (out.data > 0) * out.grad

        out.push = push
        return out

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node in seen:
                return
            seen.add(node)
            for child in node.children:
                visit(child)
            order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node.push()


def layer(weights, x, neurons, nonlinear):
    out = []
    for n in range(neurons):
        at = weights[n * (len(x) + 1) :]
        total = at[len(x)]
        for w, number in zip(at, x):
            total = total + w * number
        out.append(total.relu() if nonlinear else total)
    return out


def step(task, parameters):
    widths = task["widths"]
    losses = Value(0.0)
    for row, target in zip(task["rows"], task["targets"]):
        x, first = row, 0
        for i, neurons in enumerate(widths):
            count = neurons * (len(x) + 1)
            x = layer(parameters[first : first + count], x, neurons, i + 1 < len(widths))
            first += count
        losses = losses + (1 + -target * x[0]).relu()
    loss = losses * (1 / len(task["rows"])) + 1e-4 * sum((p * p for p in parameters), Value(0.0))
    for p in parameters:
        p.grad = 0.0
    loss.backward()
    for p in parameters:
        p.data -= task["rate"] * p.grad
    return loss.data + sum(p.grad for p in parameters)


def main():
    sys.setrecursionlimit(1_000_000)
    task = json.loads(sys.stdin.readline())
    parameters = [Value(number) for number in task["parameters"]]
    for _ in sys.stdin:
        print(repr(step(task, parameters)), flush=True)


main()
