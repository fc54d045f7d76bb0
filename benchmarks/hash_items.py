"""Makes a file of hashes from an evaluation set, so that the set can be looked for where its text must not be.

    python benchmarks/hash_items.py FILE [FILE ...] --source "Name, split (reference)" --licence MIT --out FOLDER

For each FILE (JSON Lines, JSON, CSV or Parquet) it writes FOLDER/NAME.hashes, which a recipe names in `[decontaminate]
hashed`. The files in `synthgen/corpus/benchmarks` were made so. What such a file holds, and why no text can be read
out of it, is said in `synthgen/corpus/hashed.py`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from synthgen.corpus.benchmark_items import read_benchmarks
from synthgen.corpus.hashed import SUFFIX, hash_items, write_hashed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--source", required=True, help="the set, its split and where it was published")
    parser.add_argument("--licence", required=True)
    parser.add_argument("--tokenizer", default="mistral-7b-v0.1", help="only reads words; any with the letters will do")
    parser.add_argument("--out", type=Path, default=Path())
    options = parser.parse_args()
    for file in options.files:
        items = read_benchmarks([file])
        made = hash_items(items, source=options.source, licence=options.licence, tokenizer=options.tokenizer)
        path = options.out / f"{file.stem}{SUFFIX}"
        write_hashed(path, made)
        print(f"{path}: {made.about.items} items, {made.about.hashes} hashes, {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
