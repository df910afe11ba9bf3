/* data - numbers and addresses that belong to persons and units, found by form and check digit; no words, no weights.
 *
 * One pass over folded text (fold.h: digits and small letters are ASCII there). Digits glued to further digits or
 * letters are no number of these, nor are decimals (1.5), so that serials, hashes and time stamps stay quiet.
 *
 *   cn-identity     GB 11643-1999: 18 characters, province, date, ISO 7064 MOD 11-2; also residence permits (81-83) and
 *                   permanent residents of 2023 (9). Together, or 6 8 4 and the like, or one digit a box
 *   cn-identity-15  its form before 1999: province and date only. Weak
 *   bank-card       ISO/IEC 7812: Luhn, 15 to 19 digits, ranges of UnionPay (also those before 62), Visa, Mastercard,
 * JCB, American Express, Discover. In groups of four by blanks only UnionPay, or others behind a word for card: four
 * columns of a table look alike credit-code     GB 32100-2015: 18 characters, kind of body, province, both check
 * characters phone           mobile numbers of the mainland by their first three digits, with and without 86, 3 4 4
 *   landline        fixed lines: area code and number held apart by brackets, hyphen or blank, or behind +86
 *   passport        of the People's Republic and of Hong Kong and Macau. Weak
 *   travel-permit   for Hong Kong, Macau and Taiwan, both ways. Weak
 *   email           addresses of two labels and more
 *   freemail        those of public mailbox providers; told beside `email`
 *
 * Weak: the form alone says little; a rule should ask for a word near. */
#pragma once
#include <glib.h>

typedef enum {
    DATA_CN_IDENTITY,
    DATA_CN_IDENTITY_OLD,
    DATA_BANK_CARD,
    DATA_CREDIT_CODE,
    DATA_PHONE,
    DATA_LANDLINE,
    DATA_PASSPORT,
    DATA_TRAVEL_PERMIT,
    DATA_EMAIL,
    DATA_FREEMAIL,
    DATA_COUNT
} DataKind;

#define DATA_ALL ((1u << DATA_COUNT) - 1)
/* The kinds that need a word near. */
#define DATA_WEAK (1u << DATA_CN_IDENTITY_OLD | 1u << DATA_PASSPORT | 1u << DATA_TRAVEL_PERMIT)

/* "cn-identity", "bank-card" ... as in packs; static. */
const char *data_word(DataKind kind);
/* FALSE if no kind is called so. */
gboolean data_parse(const char *word, DataKind *out);

/* Bytes from..to-1 of the text given. `value` is equal for equal values however they are written (blanks, hyphens, 86);
 * good for counting different ones within a letter, not to be kept. */
typedef void (*DataSink)(DataKind kind, guint32 from, guint32 to, guint64 value, gpointer user);

/* Tells what is found of `kinds` (1 << DataKind), about in order. `text`: folded; any bytes do no harm. Linear; at most
 * G_MAXUINT32 bytes. Nothing is told twice, and what a number is does not depend on `kinds`. */
void data_find(const char *text, gsize length, guint kinds, DataSink sink, gpointer user);
