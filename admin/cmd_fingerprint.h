/* cmd_fingerprint - the parts of `hangu fingerprint` that have files of their own. */
#pragma once
#include "papers.h"
#include <jansson.h>

int cmd_fingerprint_add(int argc, char **argv);
int cmd_fingerprint_test(int argc, char **argv);
/* What is said of a paper with --json. Gives a reference. */
json_t *cmd_fingerprint_object(const Paper *paper);
/* 机密 or highly-secret, for a person. Lends. */
const char *cmd_fingerprint_level(const Paper *paper);
