"""Memory: what recall finds, and what compaction keeps, on talk that this script makes up.

    python -m ops.bench.memory              all of it, about half a minute
    python -m ops.bench.memory --quick      fewer guests, some seconds
    python -m ops.bench.memory --ablation   recall without each of its parts, too

Russian and English, months of chat with planted facts, updates, dates and distractors; seeded.
Prints tables, and as its last line one JSON object.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops.bench import memory_recall
from ops.bench.memory_survival import survival


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="fewer guests, a smaller archive")
    parser.add_argument("--ablation", action="store_true", help="recall without each of its parts")
    args = parser.parse_args()
    table = memory_recall.recall_table(args.seed, args.quick)
    found = memory_recall.printed(table, memory_recall.speed(args.seed, args.quick))
    if args.ablation:
        found["ablation"] = memory_recall.ablation(args.seed, args.quick)
    kept = survival(args.seed, args.quick)
    print(
        f"\nFacts found after 10 compactions: {kept['survival']:.3f}; "
        f"invented items kept: {kept['invented']}"
    )
    for model, row in kept["models"].items():
        print(f"  {model}: {row['found']} of {row['planted']} found, {row['asked']} calls")
    print(json.dumps({**found, **kept}))


if __name__ == "__main__":
    main()
