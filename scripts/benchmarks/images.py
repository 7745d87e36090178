"""The same measurement as images.R in torchvision with two workers: images.py FOLDER BATCHES WORKERS pil|tensor

pil: random_affine on PIL images, then a tensor; tensor: the chapter's order.
"""

import statistics
import sys
import time

import torch

# torchvision's wheel expects operators that the CPU build of torch lacks.
for operator in ("nms", "qnms"):
    try:
        torch.library.define(f"torchvision::{operator}", "(Tensor a, Tensor b, float c) -> Tensor")
    except RuntimeError:
        pass

from torchvision import transforms
from torchvision.datasets import ImageFolder

folder, batches, workers, order = sys.argv[1:5]
batches, workers = int(batches), int(workers)
torch.manual_seed(1)

affine = transforms.RandomAffine(degrees=(-30, 30), translate=(0.2, 0.2), scale=(0.8, 1.2))
normalize = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
first = [affine, transforms.ToTensor()] if order == "pil" else [transforms.ToTensor(), affine]
everything = ImageFolder(folder, transforms.Compose([*first, normalize]))
count = batches * 128
places = [round(i * (len(everything) - 1) / (count - 1)) for i in range(count)]
loader = torch.utils.data.DataLoader(
    torch.utils.data.Subset(everything, places), batch_size=128, shuffle=True, num_workers=workers,
    persistent_workers=True,
)


def run():
    start = time.perf_counter()
    for _ in loader:
        pass
    return count / (time.perf_counter() - start)


run()
rates = [run() for _ in range(5)]
print(f"images {statistics.median(rates):.0f} {max(rates):.0f}")
