/* register_verbs - the tables of the register's verbs, one for each file; a row of NULLs ends a table. */
#pragma once
#include "verbs.h"

extern const Verb register_add[];
extern const Verb register_state[];
extern const Verb register_leave[];
extern const Verb register_links[];
extern const Verb register_units[];
