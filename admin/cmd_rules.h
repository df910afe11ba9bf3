/* cmd_rules - what the files of `hangu rules` share. */
#pragma once
#include "yaml.h"
#include <jansson.h>

/* The problems of a run as a JSON array. Gives a reference. */
json_t *cmd_rules_problems(const Problems *problems);

int cmd_rules_sets(int argc, char **argv);
