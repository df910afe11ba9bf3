/* campaign_print - campaigns of passwords on a terminal and as CSV, from the rows that hangu-authd answers. */
#pragma once
#include <glib.h>
#include <jansson.h>

#define CAMPAIGN_BAR 20
/* "####--!!..": changed, excepted or closed, overdue or refused, unknown "?", the rest "."; of CAMPAIGN_BAR signs. */
void campaign_bar(const json_t *states, char bar[CAMPAIGN_BAR + 1]);

/* Name, days, who, and how far it is; a row of campaign.list. */
void campaign_print_head(const json_t *head);
/* All rows of campaign.show: the head, then a table of departments by wave, then members if there are any. */
void campaign_print(const json_t *rows);
/* One line for each campaign. */
void campaign_print_list(const json_t *rows);
/* A line for each member of campaign.show with members. */
void campaign_print_csv(const json_t *rows);
