"""The rules of the built-in extractive teacher: real sentences of an extract, rearranged into each kind's form.

No model and no world knowledge: what is stated stands in the extract; only question stems, joining words and the wrong
options of a multiple-choice question are the rules' own. That makes its set the control arm of an ablation.
"""

RULES = 2
"""Version of the rules; a change that changes any answer raises it."""
