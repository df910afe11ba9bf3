/* groups - named groups of addresses, as packs define them: freemail, partners, the unit's leaders.
 *
 * An item is "user@domain", "user@" (at any domain), "domain", or ".domain" (with all below it), as in policy.yaml.
 * Domains compare without case, in letters of any script or as A-labels; users without case. A lookup costs a few hash
 * probes, however long the list is. */
#pragma once
#include "yaml.h"
#include <glib.h>

typedef struct AddressSet AddressSet;
AddressSet *address_set_new(void);
void address_set_free(AddressSet *set);
/* FALSE if it is no item; the set is then as it was. */
gboolean address_set_add(AddressSet *set, const char *item);
/* `address`: normal form, "" is the null sender and in no set. */
gboolean address_set_has(const AddressSet *set, const char *address);

typedef struct Groups Groups;
Groups *groups_new(void);
void groups_free(Groups *groups);
/* Reads a map of name: list of items. A name that is there already gets the items too. */
void groups_read(Groups *groups, const YamlNode *map, const char *key, Problems *problems);
/* NULL if no group is called so; lends. */
const AddressSet *groups_find(const Groups *groups, const char *name);
