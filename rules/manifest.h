/* manifest - who vouches for a directory of packs: MANIFEST names every file with its SHA-256, and MANIFEST.sig is the
 * signature over MANIFEST (lib/signature.h), in base64.
 *
 *     manifest: 1
 *     name: unit-packs          # sets of one name follow each other by version
 *     version: 7
 *     date: 2026-11-22T01:02:03.000Z
 *     files:
 *       - {name: own.yaml, sha256: 64 hexadecimal digits}
 *
 * A set is sound if a trusted key signed its manifest, every file that is named is there as it was, and no other file
 * is. Checked are the bytes that will be compiled (rule_sources.h), not the directory again. */
#pragma once
#include "rule_sources.h"
#include "signature.h"

#define MANIFEST_FILE "MANIFEST"
#define MANIFEST_SIGNATURE "MANIFEST.sig"

typedef struct {
    char *name, *date;
    gint64 version;
    char *key; /* path of the key that signed */
} Manifest;
void manifest_clear(Manifest *manifest);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Manifest, manifest_clear)

/* Checks the sources; marks manifest and signature as used, so that they are kept with the set. FALSE with problems,
 * each with the key "signature". */
gboolean manifest_check(RuleSources *sources, const SignatureKeys *keys, Manifest *manifest_out, Problems *problems);
/* For who loads rules by the settings: nothing without trusted keys, else manifest_check() and that the version is not
 * below the one remembered in `directory`, unless `rollback`. manifest_out is left as it is without keys. FALSE with
 * problems. */
gboolean manifest_admit(RuleSources *sources, const GPtrArray *key_paths, const char *directory, gboolean rollback,
                        Manifest *manifest_out, Problems *problems);
/* The version that the directory's manifest has now, signed or not; 0: there is none. */
gint64 manifest_version(const RuleSources *sources);
/* Writes manifest and signature for the sources into their directory. FALSE with error. */
gboolean manifest_sign(const RuleSources *sources, const char *key_path, const char *name, gint64 version,
                       gint64 now_us, GError **error);

/* The highest version of a name that came into force, remembered in a file of `directory`, so that an older set, though
 * well signed, is refused. -1 with error if the file cannot be understood; 0: none yet. */
gint64 manifest_floor(const char *directory, const char *name, GError **error);
gboolean manifest_remember(const char *directory, const Manifest *manifest, GError **error);
