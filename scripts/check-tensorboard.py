#!/usr/bin/env python3
"""Reads event files written by docs/plugins/tensorboard with TensorBoard itself and compares them with the fit's metrics.

usage: check-tensorboard.py LOGDIR      (needs: pip install tensorboard; scripts/check-tensorboard runs both sides)
"""

import csv
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

logdir = sys.argv[1]
accumulators = {}
for name in ("train", "valid"):
    accumulators[name] = EventAccumulator(f"{logdir}/{name}")
    accumulators[name].Reload()

wrong = checked = 0
with open(f"{logdir}/metrics.csv") as file:
    for row in csv.DictReader(file):
        events = {event.step: event.value for event in accumulators[row["set"]].Scalars(row["metric"])}
        found, wanted = events[int(row["epoch"])], float(row["value"])
        checked += 1
        if abs(found - wanted) > 1e-6 * max(1.0, abs(wanted)):
            wrong += 1
            print(f"{row['set']} {row['metric']} epoch {row['epoch']}: {found} instead of {wanted}")

train = accumulators["train"]
tags = train.Tags()["histograms"]
for tag in tags:
    for event in train.Histograms(tag):
        checked += 1
        if sum(event.histogram_value.bucket) != event.histogram_value.num:
            wrong += 1
            print(f"histogram {tag}: buckets hold {sum(event.histogram_value.bucket)} of {event.histogram_value.num}")
if not tags or train.file_version != 2.0:
    wrong += 1
    print(f"histograms: {tags}, file version {train.file_version}")
print(f"{checked} values compared, {wrong} differ")
sys.exit(1 if wrong or checked < 9 else 0)
