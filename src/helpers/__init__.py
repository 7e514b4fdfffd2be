"""Shared helpers of the study notebooks.

Data flow one way: :mod:`helpers.evidence` loads and judges sourced figures,
:mod:`helpers.analysis` computes on arrays and frames, :mod:`helpers.publish` draws and writes,
:mod:`helpers.run` executes notebooks. Nothing imports upward.
"""

__version__ = "0.2.0"
