"""What the codes of warnings and of quarantine mean, in one plain sentence each."""

from __future__ import annotations

WARNINGS: dict[str, str] = {
    "answer_inside_reasoning": "A marked answer inside the reasoning was taken out of it.",
    "answer_role": "'answer' beside the model's own text was read as the gold or extracted answer.",
    "broken_event": "Lines of an event stream could not be read.",
    "channel_residue": "Harmony text without its special tokens was split.",
    "duplicate_key": "A key stands more than once in an object; the last one counts, all are kept.",
    "events_left_out": "The transcript of an Inspect sample was left out; it repeats the messages.",
    "extra_closer": "The reasoning is closed more than once; the later mark is in the answer.",
    "file_refused": "The file could not be read to its end.",
    "guessed_key": "A text under an unknown key was taken for its marks or its name.",
    "heading_split": "Reasoning and answer were told apart by a '**Final Answer**' heading.",
    "log_head_missing": "The head of an Inspect log is missing or damaged.",
    "lone_surrogate": "Half a character was replaced by U+FFFD.",
    "long_number": "A very long integer is kept as text.",
    "mapping_value": "A value did not fit the field that the mapping gives it to; it is in metadata.",
    "marks_beside_reasoning": "The answer began with another marked reasoning; both are the reasoning.",
    "marks_in_reasoning": "The reasoning key itself holds marks.",
    "missing_closer": "The reasoning is never closed.",
    "missing_opener": "The reasoning has no opening mark.",
    "model_in_column": "The model is told by the name of its columns.",
    "more_reasoning_than_completion": "More reasoning tokens are stated than completion tokens.",
    "negative_tokens": "A stated token count is below zero; it is not used.",
    "nested_marks": "Marks inside the reasoning are kept as text.",
    "no_response": "The record states a request, but no text came of it.",
    "non_finite": "NaN, Infinity or a number beyond the range became null.",
    "other_closer": "The closing mark is not of the same kind as the opening one.",
    "prefilled_by_model": "A cut reply without marks is reasoning: the model's template opens it.",
    "reasoning_added": "The reasoning tokens were added to the completion tokens.",
    "rendered_template": "The turns were read from a text that a chat template wrote.",
    "repeated_closer": "A closing mark stands twice in a row.",
    "repeated_opener": "An opening mark stands twice in a row.",
    "repeated_reasoning": "The answer began with the same reasoning once more; it was taken off.",
    "row_not_read": "A row of a wrapper gives no trace; an import quarantines it.",
    "shared_usage": "The token counts are of all choices of a reply together.",
    "skipped_member": "A member of an archive was passed over.",
    "solution_is_reasoning": "'solution' was read as the reasoning.",
    "steps_left_out": "Steps of a tracing dump that are no calls of a model were left out.",
    "stream_cut": "A stream ends before it says that the reply is whole.",
    "summary_by_model": "This model's provider gives summaries in the key for reasoning.",
    "text_after_answer": "Visible text after the answer is only in raw_response.",
    "text_before_reasoning": "Visible text before the reasoning is only in raw_response.",
    "text_between_blocks": "Visible text between blocks of reasoning is only in raw_response.",
    "tool_call_in_text": "A tool call in the text is not part of the answer.",
    "unmarked": "Nothing tells reasoning and answer apart: all of the text is reasoning.",
    "zero_tokens": "0 reasoning tokens are stated beside reasoning; they are not used.",
}

QUARANTINE: dict[str, str] = {
    "no_trace": "The reader of the format found no trace in the record.",
    "bad_value": "A value of a table cannot be read.",
    "cell_count": "A row of a table has more or fewer cells than the header.",
    "cotscope_damaged": "An exported trace was changed so that it cannot be read back.",
    "damaged_archive": "The packed data cannot be read on.",
    "invalid_utf8": "A byte is not UTF-8.",
    "mapping_no_text": "The mapping finds no reasoning and no answer in the record.",
    "mapping_path": "A path of the mapping leads to a value of the wrong kind.",
    "mapping_samples": "The samples of the record do not fit the mapping.",
    "no_text": "No reasoning or answer text was found.",
    "not_an_object": "The record is not a JSON object.",
    "not_csv": "The row is no row of a table.",
    "not_json": "The line is no JSON.",
    "reader_failed": "A fault of ours in one format; please report it.",
    "too_deep": "The record is nested too deeply.",
    "too_long": "The record is longer than the limit.",
    "truncated_json": "The record is cut off.",
    "unclosed_quote": "A quoted cell is never closed.",
    "unknown_format": "The format asked for does not exist.",
    "unsupported_container": "The file is of a kind that is not read.",
}


def warning_text(code: str, detail: str = "") -> str:
    """A sentence for a warning code; the detail of one of them where the code is not listed."""
    return WARNINGS.get(code) or (detail[:1].upper() + detail[1:] if detail else code)


def quarantine_text(code: str, reason: str = "") -> str:
    """A sentence for a reason of quarantine; the reason itself where the code is not listed."""
    return QUARANTINE.get(code) or reason or code
