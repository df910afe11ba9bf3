/* yaml_units - numbers with units and word lists of rows: read, and said. */
#pragma once
#include "yaml.h"

/* TRUE and the number in bytes, seconds or as it is, if `text` fits the row's type and range. */
gboolean yaml_number_parse(const YamlRow *row, const char *text, gint64 *number_out);
/* What such a row may hold: "a size (10485760, 64K, 10M, 1G) from 1K to 4M". Gives. */
char *yaml_number_wanted(const YamlRow *row);
/* The shortest exact way to write it: "64K", "4m", "17". Gives. */
char *yaml_number_format(YamlRowType type, gint64 number);
/* "observe, enforce". Gives. */
char *yaml_words_wanted(const YamlWord *words);
