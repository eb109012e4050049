"""Scenes to learn finding from, drawn fast, and kept in a pool."""
