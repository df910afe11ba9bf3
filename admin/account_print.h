/* account_print - accounts, units and stages for people. */
#pragma once
#include "account_desk.h"

/* A list of accounts as a table. */
void account_print_list(const json_t *rows);
/* One account with everything, and its history. */
void account_print_one(const json_t *row);
/* What a change did, in one line, and what is odd about the user name. */
void account_print_change(const json_t *row, gboolean dry_run);
void account_print_units(const json_t *rows);
void account_print_stages(const json_t *rows);
