/* data_private - the check digits and tables of data; private to rules. All take digits and small letters without
 * anything between. */
#pragma once
#include "data.h"

gboolean identity_is_valid(const char *word, gsize length);     /* 18: digits, the last may be x */
gboolean identity_old_is_valid(const char *word, gsize length); /* 15 digits */
gboolean card_is_valid(const char *word, gsize length);
gboolean card_is_unionpay(const char *word, gsize length);
gboolean credit_code_is_valid(const char *word, gsize length);
gboolean mobile_is_valid(const char *word, gsize length); /* 11 digits */
/* 010, 02x, 0xxx, and with `bare` without the 0. */
gboolean area_is_valid(const char *word, gsize length, gboolean bare);
gboolean passport_is_valid(const char *word, gsize length);
gboolean permit_is_valid(const char *word, gsize length);
/* A mail domain where anybody may have a mailbox. */
gboolean domain_is_freemail(const char *domain, gsize length);
