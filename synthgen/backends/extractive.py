"""The built-in teacher: rules only, no model. It rearranges real sentences of the extract into each kind's form.

It understands nothing and writes nothing new, so a set made by it is the control arm of an ablation, not a substitute
for a teacher model.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from synthgen.backends.base import Backend
from synthgen.data import Completion, Request
from synthgen.extractive import RULES
from synthgen.extractive.forms import answer


class Extractive(Backend):
    """Answers from `Request.extract` and `Request.transformation`; the payload is not read.

    `finish_reason` is `declined`, with an empty text, where the extract does not hold what the transformation needs.
    """

    name: ClassVar[str] = "extractive"
    local: ClassVar[bool] = True

    def identity(self) -> Mapping[str, Any]:
        return {"backend": self.name, "rules": RULES}

    @property
    def in_flight(self) -> int:
        return self.settings.in_flight or 8

    async def complete(self, request: Request) -> Completion:
        begun = time.perf_counter()
        text = answer(request.extract, request.transformation, request.sample)
        reason = "stop" if text else "declined"
        return Completion(request.request_id, text, reason, latency=time.perf_counter() - begun)
