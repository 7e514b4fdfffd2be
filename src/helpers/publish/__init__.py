"""Figures and tables: style, fonts, captions, saving. No statistics."""
