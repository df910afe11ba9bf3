/* address - envelope and header addresses, compared as Postfix does.
 *
 * Domain: case-folded, A-label form (U-labels through IDNA; GLib's g_hostname_to_ascii). Local part: case-folded.
 * `+tag` cut at the recipient delimiter. SRS0/SRS1 and BATV (prvs=) unwrapped. */
#pragma once
#include <glib.h>

/* Normal form of an address as received ("<a@B>" or bare, quoted local parts, source routes). "" for the null sender.
 * Gives; never NULL. */
char *address_normal(const char *raw);
/* Normal form with the tag cut, SRS and BATV unwrapped. Gives. */
char *address_base(const char *raw, const char *delimiter);
/* Domain of a normal address; lends or "" . */
const char *address_domain(const char *normal);
gboolean address_is_srs(const char *normal);
/* Whether the domain of a normal address is in the list ("unit.example", ".unit.example" with subdomains; A- or
 * U-labels). */
gboolean address_is_local(const char *normal, const GPtrArray *local_domains);
/* Whether ip ("192.0.2.1", "2001:db8::1", "IPv6:...") lies in one of the CIDR networks. */
gboolean address_in_networks(const char *ip, const GPtrArray *networks);
/* Addresses and display names of a raw address header (RFC 5322, lenient). Each item: */
typedef struct {
    char *address; /* normal */
    char *display_raw;
    gsize display_length;
} Mailbox;
GPtrArray *address_parse_list(const char *raw, gsize length); /* frees its items; at most 1000 */
