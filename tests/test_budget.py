from __future__ import annotations

from typing import Any

import pytest

from synthgen.backends.fake import FakeBackend
from synthgen.budget import Budget
from synthgen.cost import charge, cost, worst_case
from synthgen.data import Completion, CompletionError, Extract, Request, Transformation, Usage
from synthgen.errors import BudgetError
from synthgen.recipe import BudgetSettings, TeacherSettings

PRICED = TeacherSettings(backend="fake", price_input=2.0, price_output=10.0)
UNPRICED = TeacherSettings(backend="fake")


class Remote(FakeBackend):
    local = False


def request(**payload: Any) -> Request:
    transformation = Transformation("distill", 1, "text", "", "")
    return Request("ab" * 32, Extract("d", 0, 1, "x", 1), transformation, "fake", 0, payload)


def test_cost_is_tokens_at_the_price_of_a_million() -> None:
    assert cost(Remote(PRICED), Usage(prompt=500_000, completion=100_000)) == pytest.approx(2.0)


@pytest.mark.parametrize("settings", [UNPRICED, TeacherSettings(price_input=1.0), TeacherSettings(price_output=1.0)])
def test_cost_without_both_prices_is_unknown(settings: TeacherSettings) -> None:
    assert cost(Remote(settings), Usage(1, 1)) is None
    assert cost(FakeBackend(settings), Usage(1, 1)) == 0.0


def test_the_worst_case_is_the_longest_answer_allowed() -> None:
    payload = {"messages": [{"role": "user", "content": "5 mg ≥ 3"}], "max_tokens": 200}
    worst = worst_case(Remote(PRICED), payload)
    assert worst is not None
    assert worst >= cost(Remote(PRICED), Usage(len("5 mg ≥ 3".encode()), 200))  # type: ignore[operator]
    assert worst_case(Remote(PRICED), {"max_completion_tokens": 200}) == pytest.approx(0.002, rel=0.1)
    assert worst_case(Remote(PRICED), {}) is None


@pytest.mark.parametrize(
    ("completion", "charged"),
    [
        (Completion("r", text="x", usage=Usage(1000, 100)), 0.003),
        (Completion("r", text="x"), 0.5),
        (Completion("r", error=CompletionError("retryable", "timeout", "")), 0.5),
        (Completion("r", error=CompletionError("retryable", "disconnected", "")), 0.5),
        (Completion("r", error=CompletionError("retryable", "rate_limit", "")), 0.0),
        (Completion("r", error=CompletionError("retryable", "unreachable", "")), 0.0),
    ],
)
def test_an_attempt_is_charged_its_usage_or_the_worst_if_it_may_have_been_billed(
    completion: Completion, charged: float
) -> None:
    assert charge(Remote(PRICED), completion, 0.5) == pytest.approx(charged)


def test_reservations_count_until_they_are_settled() -> None:
    budget = Budget(BudgetSettings(usd=1.0), usd=0.25)
    budget.reserve(0.5)
    assert budget.exceeded(0.5) == "usd"
    budget.settle(0.5, 0.125)
    assert budget.usd == pytest.approx(0.375)
    assert budget.exceeded(0.5) is None


def test_requests_of_earlier_sessions_count() -> None:
    assert Budget(BudgetSettings(requests=10), requests=9).exceeded(0) is None
    assert Budget(BudgetSettings(requests=10), requests=10).exceeded(0) == "requests"


def test_hours_count_from_the_start() -> None:
    now = [100.0]
    budget = Budget(BudgetSettings(hours=0.5), clock=lambda: now[0])
    assert budget.exceeded(0) is None
    now[0] += 1800
    assert budget.exceeded(0) == "hours"


def test_a_dollar_budget_needs_the_prices_of_teachers_that_are_not_local() -> None:
    budget = Budget(BudgetSettings(usd=1.0))
    budget.check([FakeBackend(UNPRICED), Remote(PRICED)])
    with pytest.raises(BudgetError, match=r"teacher fake.*price_input and price_output"):
        budget.check([Remote(UNPRICED)])


def test_a_dollar_budget_needs_a_limit_on_the_answer() -> None:
    budget = Budget(BudgetSettings(usd=1.0))
    with pytest.raises(BudgetError, match="max_tokens"):
        budget.worst_case(Remote(PRICED), request())
    assert budget.worst_case(Remote(PRICED), request(max_tokens=100)) == pytest.approx(0.001, rel=0.1)


def test_without_a_dollar_budget_or_a_price_nothing_is_reserved() -> None:
    assert Budget(BudgetSettings()).worst_case(Remote(PRICED), request()) == 0
    assert Budget(BudgetSettings(usd=1.0)).worst_case(FakeBackend(UNPRICED), request()) == 0
