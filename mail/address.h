/* address - envelope and header addresses, compared as Postfix does.
 *
 * Domain: case-folded, A-label form (U-labels through IDNA), no dot at the end. Local part: case-folded, unquoted (so
 * it may hold any character; the domain begins behind the last '@'). `+tag` cut at the recipient delimiter. SRS0/SRS1
 * and BATV (prvs=, btv1==) unwrapped. Pure functions; linear in their input. */
#pragma once
#include <glib.h>

/* Normal form of an address as received ("<a@B>", "Name <a@B>" or bare, quoted local parts, source routes). "" for the
 * null sender. Gives; never NULL. */
char *address_normal(const char *raw);
/* Normal form with the tag cut, SRS and BATV unwrapped. delimiter: characters of which the first found ends the local
 * part ("+", "+-"), NULL or "" for none. Gives. */
char *address_base(const char *raw, const char *delimiter);
/* Domain of a normal address; lends; "" if it has none. */
const char *address_domain(const char *normal);
gboolean address_is_srs(const char *normal); /* SRS0 or SRS1, any separator */
/* Whether the domain of a normal address is in the list ("unit.example"; ".unit.example" is that and its subdomains; A-
 * or U-labels). A name without domain is local, as Postfix takes it; the null sender is not. */
gboolean address_is_local(const char *normal, const GPtrArray *local_domains);
/* Whether mail to the address stays inside: local, and no route in its local part ("user%outside@unit",
 * "outside!user"), which Postfix follows. */
gboolean address_stays_inside(const char *normal, const GPtrArray *local_domains);
/* Whether ip ("192.0.2.1", "2001:db8::1", "IPv6:...", "[...]", IPv4 in IPv6) lies in one of the CIDR networks; a
 * network without length is one address. */
gboolean address_in_networks(const char *ip, const GPtrArray *networks);

/* Addresses and display names of a raw address header (RFC 5322, obsolete and broken forms too). */
typedef struct {
    char *address;        /* normal; "" if there is none: a group's name, text */
    char *display_raw;    /* phrase and comments without their quotes; encoded words as they are; NULL: none */
    gsize display_length; /* of display_raw, which may be in any charset */
} Mailbox;
#define ADDRESS_LIST_MAX 1000 /* what comes after so many is the display name of one more */
GPtrArray *address_parse_list(const char *raw, gsize length); /* frees its items */
