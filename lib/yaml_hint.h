/* yaml_hint - slips that Chinese keyboards and Windows editors make in YAML, said in one sentence. */
#pragma once

/* What is wrong with this line that the parser refused: tabs, full-width punctuation. Lent, or NULL. */
const char *yaml_hint_line(const char *line);

/* What is wrong with this key or value that was read, but is not what was meant. Lent, or NULL. */
const char *yaml_hint_text(const char *text);
