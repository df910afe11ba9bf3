/* rule_sources - the files that a rule set is made of, read once: what is verified, compiled and kept are the same
 * bytes, whatever happens to the directory meanwhile.
 *
 * Read are the plain files of the directory itself, hidden ones and those ending in ~ left out, at most
 * RULE_SOURCES_FILES of them and RULE_SOURCES_BYTES together. */
#pragma once
#include "yaml.h"
#include <glib.h>

#define RULE_SOURCES_FILES 512
#define RULE_SOURCES_BYTES (64 * 1024 * 1024)
#define RULE_SOURCES_NAME 128 /* bytes of a name, printable UTF-8; others are left out */

typedef struct {
    char *name;   /* without the directory */
    char *path;   /* for problems */
    char *digest; /* "sha256:..." of the bytes */
    GBytes *bytes;
    gboolean used; /* the rule set is made of it: set by rule_sources_use() */
} RuleSource;

typedef struct RuleSources RuleSources;
/* In the order of their names. NULL with a problem. */
RuleSources *rule_sources_read(const char *directory, Problems *problems);
void rule_sources_free(RuleSources *sources);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RuleSources, rule_sources_free)
const char *rule_sources_directory(const RuleSources *sources);
guint rule_sources_count(const RuleSources *sources);
const RuleSource *rule_sources_get(const RuleSources *sources, guint index); /* lends; NULL past the end */
/* The file of that name, marked as used; NULL: there is none. */
const RuleSource *rule_sources_use(RuleSources *sources, const char *name);
/* A name that a file of a rule set may have. */
gboolean rule_sources_name(const char *name);
