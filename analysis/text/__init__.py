"""Sentences, thoughts, masks and cues, all with exact offsets."""
