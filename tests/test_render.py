"""The training text of each kind."""

from __future__ import annotations

from synthgen.records.render import render


def test_text_is_itself() -> None:
    assert render({"text": "- Give 5 mg.\n- Stop."}, "text") == "- Give 5 mg.\n- Stop."


def test_pairs_are_labelled_blocks() -> None:
    content = {
        "pairs": [
            {"question": " What is the dose?\n", "answer": "5 mg."},
            {"question": "How often?", "answer": "Twice daily:\n- morning\n- evening"},
        ]
    }
    assert render(content, "qa") == (
        "Question: What is the dose?\nAnswer: 5 mg.\n\nQuestion: How often?\nAnswer: Twice daily:\n- morning\n- evening"
    )


def test_multiple_choice_letters_its_options_and_repeats_the_right_one() -> None:
    content = {
        "vignette": "A 54-year-old man has had a cough for two weeks.",
        "question": "What is the best next step?",
        "options": ["Chest radiograph", "Bronchoscopy"],
        "answer": "B",
        "explanation": "Bronchoscopy is recommended after two weeks.",
    }
    assert render(content, "mcq") == (
        "A 54-year-old man has had a cough for two weeks.\n"
        "\n"
        "What is the best next step?\n"
        "\n"
        "A. Chest radiograph\n"
        "B. Bronchoscopy\n"
        "\n"
        "Answer: B. Bronchoscopy\n"
        "\n"
        "Explanation: Bronchoscopy is recommended after two weeks."
    )


def test_a_dialogue_is_one_line_a_turn() -> None:
    content = {"turns": [{"speaker": "Doctor", "text": "How are you?"}, {"speaker": "Patient ", "text": " Better."}]}
    assert render(content, "dialogue") == "Doctor: How are you?\nPatient: Better."
