"""synthgen as a library call: from a folder of guidelines to a Hugging Face dataset.

python examples/library.py examples/guidelines runs/library
"""

import sys

import synthgen


def main(source: str, out: str) -> None:
    recipe = {"transformations": {"distill": 1.0, "faq": 2.0}, "gates": {"coverage": 0.5}}
    expected = synthgen.plan(source, recipe, out=out)
    print(f"{expected.owed} of {expected.requests} requests to ask; text is sent to: {expected.remote or 'nobody'}")

    result = synthgen.run(source, recipe, out=out)
    print(f"{result.counts.total.kept} records with {result.counts.total.tokens} tokens in {result.path}")
    for gate in result.gates:
        print("passed:" if gate.passed else "missed:", gate)
    print(result.dataset[0]["text"])


if __name__ == "__main__":
    main(*sys.argv[1:])
