"""Texts that are made of definitions: rule files and their tests, tables, runbook pages."""
