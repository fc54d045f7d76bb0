"""datatrove's quality filters and near-duplicate search on a sample, in an environment that has datatrove.

    python datatrove.py SET.jsonl LENGTHS.json WINDOW

Prints the seconds of its filters and of the four stages of its MinHash, on one process, with its own defaults.
"""

import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path

# This file has the name of the package.
sys.path.pop(0)

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter


def main(path: Path) -> None:
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        work, config = Path(folder), MinhashConfig()

        def reader() -> JsonlReader:
            return JsonlReader(str(path.parent), glob_pattern=path.name)

        stages = {
            "filters": [reader(), GopherRepetitionFilter(), GopherQualityFilter()],
            "signatures": [reader(), MinhashDedupSignature(str(work / "signatures"), config)],
            "buckets": [MinhashDedupBuckets(str(work / "signatures"), str(work / "buckets"), config=config)],
            "clusters": [MinhashDedupCluster(str(work / "buckets"), str(work / "removed"), config=config)],
            "dropping": [reader(), MinhashDedupFilter(str(work / "removed")), JsonlWriter(str(work / "kept"))],
        }
        for name, pipeline in stages.items():
            tasks = config.num_buckets if name == "buckets" else 1
            started = time.perf_counter()
            with contextlib.redirect_stdout(sys.stderr):
                LocalPipelineExecutor(pipeline, tasks=tasks, workers=1, logging_dir=str(work / "log" / name)).run()
            seconds[name] = round(time.perf_counter() - started, 2)
    print(json.dumps({"seconds": round(sum(seconds.values()), 2), **seconds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
