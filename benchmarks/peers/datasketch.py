"""datasketch's MinHash-LSH on a sample, in an environment that has datasketch.

    python datasketch.py SET.jsonl LENGTHS.json WINDOW

Prints the seconds of hashing the 5-grams of words and of querying and filling its index, with the bands used here.
"""

import json
import sys
import time
from pathlib import Path

# This file has the name of the package.
sys.path.pop(0)

from datasketch import MinHash, MinHashLSH

BANDS, ROWS, NGRAM = 16, 6, 5


def main(path: Path) -> None:
    index = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
    empty = MinHash(num_perm=BANDS * ROWS)
    met, started = 0, time.perf_counter()
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            words = json.loads(line)["text"].split()
            sketch = empty.copy()
            sketch.update_batch({" ".join(words[i : i + NGRAM]).encode() for i in range(len(words) - NGRAM + 1)})
            met += bool(index.query(sketch))
            index.insert(number, sketch)
    print(json.dumps({"seconds": round(time.perf_counter() - started, 2), "documents_met": met}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
