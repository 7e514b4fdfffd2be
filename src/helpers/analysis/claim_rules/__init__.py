"""The rules that test the claims of the study, by the name under which ``claim_tests`` calls them.

Each rule is a pure function of a :class:`~helpers.evidence.claims.Setting` and a
:class:`~helpers.evidence.claims.ClaimTest` and gives a :class:`~helpers.evidence.claims.Finding`.
"""

from __future__ import annotations

from helpers.analysis.claim_rules import city, concept, growth, nation, policy

RULES = nation.RULES | city.RULES | concept.RULES | growth.RULES | policy.RULES
