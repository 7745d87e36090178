"""The same measurement as step.R in PyTorch: step.py KIND BATCH WIDTH THREADS STEPS channels_last|contiguous"""

import resource
import statistics
import sys
import time

import torch
from torch import nn

# torchvision's wheel expects operators that the CPU build of torch lacks.
for operator in ("nms", "qnms"):
    try:
        torch.library.define(f"torchvision::{operator}", "(Tensor a, Tensor b, float c) -> Tensor")
    except RuntimeError:
        pass

kind, batch, width, threads, steps, memory_format = sys.argv[1:7]
batch, width, threads, steps = int(batch), float(width), int(threads), int(steps)
torch.set_num_threads(threads)
torch.manual_seed(1)
hidden = int(1024 * width)


def convnet():
    layers, before = [], 3
    channels = [int(c * width) for c in (64, 128, 256, 512, 1024)]
    for i, c in enumerate(channels):
        layers.append(nn.Conv2d(before, c, 3, padding=1))
        if kind == "batchnorm":
            layers.append(nn.BatchNorm2d(c))
        layers.append(nn.ReLU())
        layers.append(nn.AdaptiveAvgPool2d(1) if i == 4 else nn.MaxPool2d(2))
        if kind == "dropout":
            layers.append(nn.Dropout2d(0.05))
        before = c

    def between():
        return nn.BatchNorm1d(hidden) if kind == "batchnorm" else nn.Dropout(0.05)

    return nn.Sequential(
        *layers, nn.Flatten(),
        nn.Linear(before, hidden), nn.ReLU(), between(),
        nn.Linear(hidden, hidden), nn.ReLU(), between(),
        nn.Linear(hidden, 200),
    )


def resnet():
    from torchvision.models import resnet18

    model = resnet18()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    model.fc = nn.Sequential(
        nn.Linear(512, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 200)
    )
    return model


layout = torch.channels_last if memory_format == "channels_last" else torch.contiguous_format
model = (resnet() if kind == "resnet" else convnet()).to(memory_format=layout)
x = torch.randn(batch, 3, 64, 64).to(memory_format=layout)
y = torch.randint(0, 200, (batch,))
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-4)
loss = nn.CrossEntropyLoss()


def train():
    start = time.perf_counter()
    optimizer.zero_grad()
    loss(model(x), y).backward()
    optimizer.step()
    return time.perf_counter() - start


def forward():
    start = time.perf_counter()
    with torch.no_grad():
        model(x)
    return time.perf_counter() - start


for _ in range(2):
    train()
training = [train() for _ in range(steps)]
model.eval()
forward()
evaluation = [forward() for _ in range(steps)]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(
    f"{kind} {batch} {width:g} {threads}  {statistics.median(training):.3f} {min(training):.3f}"
    f"  {statistics.median(evaluation):.3f}  {peak:.0f}"
)
