#!/usr/bin/python3
"""Writes train_golden.csv: losses, optimisers, schedules and clipping from PyTorch in double, and what the seeded
generator should draw, from a generator written out here.

Run as: /usr/bin/python3 make_train_golden.py (Debian package python3-torch).
"""
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
STEPS = 7
START = [0.5, -1.25, 2.0, -0.03, 1e-3]
LOGITS = {
    "ordinary": [1.0, 2.0, 3.0, -0.5],
    "huge": [1000.0, -1000.0, 999.0, 0.0],
    "ties": [0.25, 0.25, 1.25, 0.25],
}
CLASS_WEIGHTS = [0.25, 3.0, 1.0, 0.5]


def numbers(count, scale, start):
    """Numbers with no pattern that matters, the same everywhere."""
    return [scale * (((i + start) * 7919) % 1013 / 506.5 - 1.0) for i in range(count)]


def lines_of(case, **quantities):
    for quantity, tensor in quantities.items():
        for i, x in enumerate(torch.as_tensor(tensor).detach().reshape(-1).tolist()):
            yield f"{case},{quantity},{i},{float(x)!r}"


# Losses


def loss_of(case, inputs, function, **given):
    x = torch.tensor(inputs, requires_grad=True)
    loss = function(x)
    loss.backward()
    yield from lines_of(f"loss {case}", input=x, **given, loss=loss, gradient=x.grad)


def class_losses():
    for name, logits in LOGITS.items():
        for label in range(len(logits)):
            target = torch.tensor([label])
            yield from loss_of(f"multiclass_hinge {name} {label}", logits,
                               lambda x: F.multi_margin_loss(x.unsqueeze(0), target), label=float(label))
            yield from loss_of(
                f"weighted_cross_entropy {name} {label}", logits,
                lambda x: F.cross_entropy(x.unsqueeze(0), target, weight=torch.tensor(CLASS_WEIGHTS), reduction="sum"),
                label=float(label), weight=CLASS_WEIGHTS)
        for kind, target in {"spread": [0.125, 0.5, 0.25, 0.125], "sure": [0.0, 0.0, 1.0, 0.0]}.items():
            yield from loss_of(f"soft_cross_entropy {name} {kind}", logits,
                               lambda x: F.cross_entropy(x.unsqueeze(0), torch.tensor([target])), target=target)
    batch = numbers(12, 3.0, 17)
    labels = [2, 0, 1]
    yield from loss_of(
        "weighted_batch", batch,
        lambda x: F.cross_entropy(x.reshape(3, 4), torch.tensor(labels), weight=torch.tensor(CLASS_WEIGHTS)),
        label=[float(label) for label in labels], weight=CLASS_WEIGHTS)


def binary_losses():
    logits = [-40.0, -3.0, -0.25, 0.0, 0.25, 3.0, 40.0]
    for kind, targets in {"hard": [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0], "soft": [0.1, 0.9, 0.5, 0.3, 0.0, 1.0, 0.7]}.items():
        for positive in (1.0, 2.5):
            for weight in (1.0, 0.4):
                yield from loss_of(
                    f"binary_cross_entropy {kind} {positive} {weight}", logits,
                    lambda x: F.binary_cross_entropy_with_logits(
                        x, torch.tensor(targets), weight=torch.tensor(weight), pos_weight=torch.tensor(positive)),
                    target=targets, positive_weight=positive, weight=weight)


def number_losses():
    outputs = [0.5, -3.0, 2.0, 1.25, -0.125, 7.0]
    targets = [0.5, 1.0, 1.0, 0.0, 0.125, -7.0]
    given = {"target": targets}
    target = torch.tensor(targets)
    yield from loss_of("mse", outputs, lambda x: F.mse_loss(x, target), **given)
    yield from loss_of("mae", outputs, lambda x: F.l1_loss(x, target), **given)
    for delta in (0.25, 1.0, 4.0):
        yield from loss_of(f"huber {delta}", outputs, lambda x: F.huber_loss(x, target, delta=delta), delta=delta, **given)
    yield from loss_of("l1", outputs, lambda x: x.abs().sum())
    yield from loss_of("l2", outputs, lambda x: x.square().sum())


# Optimisers: START moved by given gradients. With groups, the first two parameters are one, the rest another.


def run(case, make, options, groups=None, rates=None):
    whole = [torch.tensor([x], requires_grad=True) for x in START]
    sizes = [2, len(START) - 2] if groups else [len(START)]
    rate = options["lr"]
    listed, first, described = [], 0, {}
    for size, group in zip(sizes, groups or [{}]):
        own = {"params": whole[first:first + size], "lr": rate * group.get("factor", 1.0)}
        if "weight_decay" in group:
            own["weight_decay"] = group["weight_decay"]
        listed.append(own)
        first += size
    if groups:
        described = {"group_factor": [g.get("factor", 1.0) for g in groups],
                     "group_decay": [g.get("weight_decay", -1.0) for g in groups]}
    optimiser = make(listed, **options)
    gradients = torch.tensor(numbers(STEPS * len(START), 2.0, 5)).reshape(STEPS, -1)
    gradients[2] *= 0.0  # a step without gradients, one with large and one with small ones
    gradients[3] *= 1e4
    gradients[5] *= 1e-6
    moved = []
    for step in range(STEPS):
        if rates:
            for group, own in zip(groups or [{}], optimiser.param_groups):
                own["lr"] = rates[step] * group.get("factor", 1.0)
        for i, parameter in enumerate(whole):
            parameter.grad = gradients[step, i].reshape(1).clone()
        optimiser.step()
        moved += [parameter.item() for parameter in whole]
    # options that are lists or flags become numbers
    flat = {f"option_{name}": [float(x) for x in value] if isinstance(value, tuple) else float(value)
            for name, value in options.items()}
    if rates:
        flat["rate"] = rates
    yield from lines_of(f"optimiser {case}", gradient=gradients, moved=moved, **described, **flat)


def optimisers():
    groups = [{"factor": 0.5}, {"factor": 2.0, "weight_decay": 0.3}]
    rates = [0.1, 0.2, 0.05, 0.01, 0.0, 0.3, 0.1]
    sgd = [
        {}, {"weight_decay": 0.1}, {"momentum": 0.9}, {"momentum": 0.9, "dampening": 0.5},
        {"momentum": 0.8, "nesterov": True}, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.05},
        {"momentum": 1.1, "dampening": -0.25, "weight_decay": 0.2},
    ]
    rmsprop = [
        {}, {"alpha": 0.5, "eps": 1e-3}, {"centered": True}, {"momentum": 0.9}, {"weight_decay": 0.1},
        {"alpha": 0.9, "centered": True, "momentum": 0.5, "weight_decay": 0.02},
    ]
    adam = [{}, {"betas": (0.5, 0.75)}, {"eps": 0.01}, {"weight_decay": 0.1}, {"betas": (0.0, 0.0), "weight_decay": 0.3}]
    kinds = {"sgd": (torch.optim.SGD, sgd), "rmsprop": (torch.optim.RMSprop, rmsprop),
             "adam": (torch.optim.Adam, adam), "adamw": (torch.optim.AdamW, [{"weight_decay": 0.0}, *adam])}
    for kind, (make, choices) in kinds.items():
        for i, options in enumerate(choices):
            yield from run(f"{kind} {i}", make, {"lr": 0.05, **options})
        yield from run(f"{kind} groups", make, {"lr": 0.05, "weight_decay": 0.1, **choices[2]}, groups=groups)
        yield from run(f"{kind} rates", make, {"lr": 0.1, **choices[2]}, rates=rates)
        yield from run(f"{kind} both", make, {"lr": 0.1, **choices[-1]}, groups=groups, rates=rates)


# Schedules


def factors(make, count):
    optimiser = torch.optim.SGD([torch.tensor([0.0], requires_grad=True)], lr=1.0)
    schedule = make(optimiser)
    result = []
    for _ in range(count):
        result.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    return result


def schedules():
    rates = torch.optim.lr_scheduler
    shapes = {
        "constant": lambda o, n: rates.LambdaLR(o, lambda _: 1.0),
        "linear": lambda o, n: rates.LinearLR(o, 1.0, 0.0, n),
        "linear:0.25": lambda o, n: rates.LinearLR(o, 1.0, 0.25, n),
        "step:4:0.1": lambda o, n: rates.StepLR(o, 4, 0.1),
        "step:1:0.9": lambda o, n: rates.StepLR(o, 1, 0.9),
        "cosine": lambda o, n: rates.CosineAnnealingLR(o, n),
        "cosine:0.1": lambda o, n: rates.CosineAnnealingLR(o, n, 0.1),
    }
    total = 20
    for name, make in shapes.items():
        yield from lines_of(f"schedule {name}", total=float(total), factor=factors(lambda o: make(o, total), total + 1))
        for warmup in (1, 5):
            yield from lines_of(
                f"schedule {name} warmup={warmup}", total=float(total),
                factor=factors(lambda o: rates.SequentialLR(
                    o, [rates.LinearLR(o, 1 / (warmup + 1), 1.0, warmup), make(o, total - warmup)], [warmup]), total + 1))


# Clipping


def clipping():
    gradients = numbers(9, 3.0, 23)
    for order in (2.0, 1.0, 3.0, math.inf):
        for limit in (0.5, 100.0):
            x = torch.zeros(len(gradients), requires_grad=True)
            x.grad = torch.tensor(gradients)
            norm = torch.nn.utils.clip_grad_norm_([x], limit, norm_type=order)
            yield from lines_of(f"clip norm {order} {limit}", order=order, limit=limit, gradient=gradients, norm=norm,
                                clipped=x.grad)
    for limit in (0.0, 0.75, 100.0):
        x = torch.zeros(len(gradients), requires_grad=True)
        x.grad = torch.tensor(gradients)
        torch.nn.utils.clip_grad_value_([x], limit)
        yield from lines_of(f"clip value {limit}", limit=limit, gradient=gradients,
                            norm=torch.tensor(gradients).norm(), clipped=x.grad)


# The generator


class Mt19937_64:
    """The Mersenne Twister of 64 bits, from its published recurrence."""

    def __init__(self, seed):
        self.words = [seed & (2**64 - 1)]
        for i in range(1, 312):
            before = self.words[-1]
            self.words.append((6364136223846793005 * (before ^ (before >> 62)) + i) % 2**64)

    def draw(self):
        """Makes one new word from the three it depends on, and tempers it."""
        upper = self.words[0] & ~(2**31 - 1) | self.words[1] & (2**31 - 1)
        word = self.words[156] ^ (upper >> 1) ^ (0xB5026F5AA96619E9 if upper & 1 else 0)
        self.words = [*self.words[1:], word]
        word ^= (word >> 29) & 0x5555555555555555
        word ^= (word << 17) & 0x71D67FFFEDA60000
        word ^= (word << 37) & 0xFFF7EEE000000000
        return word ^ (word >> 43)

    def uniform(self, low=0.0, high=1.0):
        return low + (high - low) * ((self.draw() >> 11) * 2.0**-53)

    def normal(self, mean, deviation):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return mean + deviation * radius * math.cos(2 * math.pi * self.uniform())

    def below(self, bound):
        draw = self.draw()
        while draw < 2**64 % bound:
            draw = self.draw()
        return draw % bound

    def shuffled(self, count):
        order = list(range(count))
        for rest in range(count, 1, -1):
            other = self.below(rest)
            order[rest - 1], order[other] = order[other], order[rest - 1]
        return order


def generator():
    standard = Mt19937_64(5489)
    assert [standard.draw() for _ in range(10000)][-1] == 9981545732273789042  # as the C++ standard says
    bounds = [1, 2, 10, 1000, 2**32 + 1, 2**52, 3 << 62, 2**63 + 1]
    for seed in (0, 1, 42, 2**40 + 7):
        fresh = lambda: Mt19937_64(seed)
        for_uniform, for_interval, for_normal, for_below = fresh(), fresh(), fresh(), fresh()
        drawn = [for_below.below(bound) for _ in range(3) for bound in bounds]
        yield from lines_of(
            f"random {seed}", seed=float(seed), uniform=[for_uniform.uniform() for _ in range(20)],
            interval=[for_interval.uniform(-2.5, 7.0) for _ in range(20)],
            normal=[for_normal.normal(1.5, 0.25) for _ in range(20)],
            bound_high=[float(b >> 32) for b in bounds], bound_low=[float(b % 2**32) for b in bounds],
            below_high=[float(d >> 32) for d in drawn], below_low=[float(d % 2**32) for d in drawn],
            order=[float(i) for i in fresh().shuffled(50)])


def lines():
    yield from lines_of("start", parameter=START)
    for part in (class_losses, binary_losses, number_losses, optimisers, schedules, clipping, generator):
        yield from part()


def main():
    header = [f"# Made by make_train_golden.py with torch {torch.__version__} in double; do not edit.",
              "case,quantity,index,number"]
    out = pathlib.Path(__file__).with_name("train_golden.csv")
    out.write_text("\n".join([*header, *lines()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
