"""Sourced tables, places, sources, claims and what the figures prove."""
