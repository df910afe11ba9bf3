/* ruleset - packs to rules, cues, patterns and one digest. */
#include "config.h"
#include "ruleset.h"
#include "fold.h"
#include "reasons.h"
#include "ruleset-load.h"
#include <glib/gi18n.h>
#include <string.h>

/* Named in the digest: to be changed whenever the same packs may judge otherwise. */
#define ENGINE_VERSION "judge-4"
#define PACKS_MAX 256

typedef struct {
    char *pack, *title_zh, *title_en, *zone;
    YamlNode *rules, *cues, *companions, *lists, *groups;
    /* not in the file */
    const char *file; /* interned */
    gboolean companions_read;
    guint companion_set; /* of the rules that share them */
} PackHead;

static const YamlRow pack_rows[] = {
    {"pack", YAML_ROW_TEXT, G_STRUCT_OFFSET(PackHead, pack), .required = TRUE, .help_zh = "规则包的名称。",
     .help_en = "The pack's name."},
    {"title_zh", YAML_ROW_TEXT, G_STRUCT_OFFSET(PackHead, title_zh), .required = TRUE, .help_zh = "中文标题。",
     .help_en = "Chinese title."},
    {"title_en", YAML_ROW_TEXT, G_STRUCT_OFFSET(PackHead, title_en), .required = TRUE, .help_zh = "英文标题。",
     .help_en = "English title."},
    {"companions", YAML_ROW_NODE, G_STRUCT_OFFSET(PackHead, companions),
     .help_zh = "本包规则共用的同行用语（规则自有则不用）。",
     .help_en = "Companions of all rules here that have none of their own."},
    {"zone", YAML_ROW_TEXT, G_STRUCT_OFFSET(PackHead, zone), "Asia/Shanghai",
     .help_zh = "时区，when 的星期和时段以此为准。", .help_en = "The time zone that days and hours of `when` are of."},
    {"lists", YAML_ROW_NODE, G_STRUCT_OFFSET(PackHead, lists), .help_zh = "词表，各包规则可用。",
     .help_en = "Named lists of words, for the rules of all packs."},
    {"groups", YAML_ROW_NODE, G_STRUCT_OFFSET(PackHead, groups), .help_zh = "地址组，各包规则可用。",
     .help_en = "Named groups of addresses, for the rules of all packs."},
    {"rules", YAML_ROW_NODE, G_STRUCT_OFFSET(PackHead, rules), .help_zh = "规则。", .help_en = "Rules."},
    {"cues", YAML_ROW_NODE, G_STRUCT_OFFSET(PackHead, cues), .help_zh = "线索与否定线索。", .help_en = "Cues."},
    {NULL},
};

/* FALSE with a problem if the id is taken. */
static gboolean
name_take(Loading *loading, const char *id, const char *file, guint line)
{
    const char *first = g_hash_table_lookup(loading->names, id);

    if (first != NULL) {
        problems_add(loading->problems, file, line, 1, id, _("this name is taken: %s"), first);
        return FALSE;
    }
    g_hash_table_insert(loading->names, g_strdup(id), g_strdup_printf("%s:%u", file, line));
    return TRUE;
}

/* Rules without companions of their own share those of the pack: the first of them reads them for all. */
static void
companions_read(Loading *loading, Rule *rule, guint owner, PackHead *head)
{
    const YamlNode *list = rule->companions;

    rule->companion_set = owner;
    if (list == NULL && head->companions_read)
        rule->companion_set = head->companion_set;
    else if (list == NULL) {
        list = head->companions;
        head->companions_read = TRUE;
        head->companion_set = owner;
    }
    Target target = {.kind = TARGET_COMPANION, .level = (guint8)rule->level, .owner = rule->companion_set};
    rule->literals += patterns_read(loading, list, rule->file, target, SCAN_LITERAL);
}

static void
rule_patterns(Loading *loading, Rule *rule, guint owner, PackHead *head)
{
    Target target = {.kind = TARGET_WORD, .level = (guint8)rule->level, .owner = owner};

    if (rule->detect == DETECT_CONDITION)
        return; /* once all rules are known */
    if (rule->detect == DETECT_MARK) {
        rule->literals = levels_read(loading, rule->words, rule->file, TARGET_LEVEL, owner);
        rule->literals += levels_read(loading, rule->doubtful, rule->file, TARGET_DOUBTFUL, owner);
    } else
        rule->literals = patterns_read(loading, rule->words, rule->file, target, SCAN_LITERAL);
    companions_read(loading, rule, owner, head);
    target.kind = TARGET_EXPRESSION;
    rule->expression_count = patterns_read(loading, rule->expressions, rule->file, target, SCAN_EXPRESSION);
}

static void
rules_read(Loading *loading, PackHead *head)
{
    const RulePack pack = {g_intern_string(head->pack != NULL ? head->pack : head->file), head->file, head->zone,
                           loading->ruleset->groups};

    for (guint i = 0; head->rules != NULL && i < yaml_length(head->rules); i++) {
        Rule *rule = rule_read(yaml_item(head->rules, i), &pack, "rules", loading->problems);
        if (rule == NULL)
            continue;
        guint owner = loading->ruleset->rules->len;
        rule->index = owner;
        g_ptr_array_add(loading->ruleset->rules, rule);
        if (rule->id == NULL || !name_take(loading, rule->id, head->file, rule->line) || rule->status == RULE_OFF)
            continue;
        g_hash_table_insert(loading->known, (gpointer)rule->name, GUINT_TO_POINTER(owner + 1));
        rule_patterns(loading, rule, owner, head);
    }
}

static void
cues_read(Loading *loading, const PackHead *head)
{
    const char *file = head->file;

    for (guint i = 0; head->cues != NULL && i < yaml_length(head->cues); i++) {
        Cue *cue = cue_read(yaml_item(head->cues, i), file, "cues", loading->problems);
        if (cue == NULL)
            continue;
        Target target = {.kind = TARGET_CUE, .owner = loading->ruleset->cues->len};
        g_ptr_array_add(loading->ruleset->cues, cue);
        if (cue->id == NULL || !name_take(loading, cue->id, file, cue->line))
            continue;
        reasons_register(cue->id, cue->text_zh, cue->text_en);
        patterns_read(loading, cue->words, file, target, SCAN_LITERAL);
        patterns_read(loading, cue->expressions, file, target, SCAN_EXPRESSION);
    }
}

static void
list_check(Loading *loading, YamlNode **node, const char *key)
{
    if (*node == NULL || yaml_kind(*node) == YAML_LIST)
        return;
    if (!yaml_is_blank(*node))
        yaml_problem(*node, loading->problems, key, _("must be a list"));
    *node = NULL;
}

static void
pack_free(gpointer data)
{
    PackHead *head = data;

    yaml_clear_rows(pack_rows, head);
    g_free(head);
}

/* The pack's head, and what rules of other packs may name. */
static PackHead *
pack_read(Loading *loading, const RuleSource *source)
{
    gsize length;
    const char *bytes = g_bytes_get_data(source->bytes, &length), *path = source->path;
    YamlFile *file = yaml_load_bytes(path, bytes != NULL ? bytes : "", length, loading->problems);

    if (file == NULL)
        return NULL;
    if (yaml_root(file) == NULL) {
        problems_add(loading->problems, path, 1, 1, NULL,
                     _("the file is empty; a pack has at least pack, title_zh and title_en"));
        yaml_unload(file);
        return NULL;
    }
    PackHead *head = g_new0(PackHead, 1);
    g_ptr_array_add(loading->files, file);
    crypto_hash_add(loading->hash, source->name, strlen(source->name) + 1);
    crypto_hash_add(loading->hash, yaml_digest(file), strlen(yaml_digest(file)) + 1);
    yaml_read_rows(yaml_root(file), pack_rows, "", head, loading->problems);
    head->file = g_intern_string(path);
    list_check(loading, &head->rules, "rules");
    list_check(loading, &head->cues, "cues");
    list_check(loading, &head->companions, "companions");
    if (!when_has_zone(head->zone))
        yaml_problem(yaml_get(yaml_root(file), "zone"), loading->problems, "zone",
                     _("there is no time zone \"%s\" here; write one like Asia/Shanghai"), head->zone);
    if (head->groups != NULL)
        groups_read(loading->ruleset->groups, head->groups, "groups", loading->problems);
    lists_read(loading, head->lists, head->file);
    return head;
}

static void
loading_finish(Loading *loading, const char *cache_dir, const guint8 *cache_key)
{
    Ruleset *ruleset = loading->ruleset;
    guint8 digest[CRYPTO_DIGEST_SIZE];

    crypto_hash_add(loading->hash, ENGINE_VERSION, sizeof ENGINE_VERSION);
    crypto_hash_add(loading->hash, fold_digest(), strlen(fold_digest()) + 1);
    crypto_hash_free(loading->hash, digest);
    g_autofree char *hex = crypto_hex(digest, sizeof digest);
    ruleset->digest = g_strdup_printf("sha256:%s", hex);
    /* With other mistakes, too: those in expressions are found in the same run. */
    gboolean whole = problems_count(loading->problems) == loading->before;
    g_autoptr(Scanner) scanner =
        scanner_new((const ScanPattern *)(gpointer)loading->patterns->data, loading->patterns->len, ruleset->digest,
                    whole ? cache_dir : NULL, cache_key, loading->problems);
    if (whole)
        ruleset->scanner = g_steal_pointer(&scanner);
}

static void
infos_make(Ruleset *ruleset)
{
    ruleset->infos = g_array_new(FALSE, FALSE, sizeof(RuleInfo));
    for (guint i = 0; i < ruleset->rules->len; i++) {
        const Rule *rule = ruleset_rule(ruleset, i);
        RuleInfo info = {
            .id = rule->id,
            .title_zh = rule->title_zh,
            .title_en = rule->title_en,
            .clause = rule->clause,
            .pack = rule->pack,
            .status = rule_status_word(rule->status),
            .detect = rule_detect_word(rule->detect),
            .class = (Class)rule->class,
            .level = (Level)rule->level,
            .literals = rule->literals,
            .expressions = rule->expression_count,
            .examples = rule->must->len + rule->not ->len,
        };
        g_array_append_val(ruleset->infos, info);
    }
}

static void
file_unload(gpointer file)
{
    yaml_unload(file);
}

static void
rule_unload(gpointer rule)
{
    rule_free(rule);
}

static void
cue_unload(gpointer cue)
{
    cue_free(cue);
}

/* A problem if there is none, or too many. */
static void
heads_read(Loading *loading, GPtrArray *heads)
{
    RuleSources *sources = loading->sources;
    guint packs = 0;

    for (guint i = 0; i < rule_sources_count(sources); i++) {
        const char *name = rule_sources_get(sources, i)->name;
        if (!g_str_has_suffix(name, ".yaml") || ++packs > PACKS_MAX)
            continue;
        PackHead *head = pack_read(loading, rule_sources_use(sources, name));
        if (head != NULL)
            g_ptr_array_add(heads, head);
    }
    if (packs == 0 || packs > PACKS_MAX)
        problems_add(loading->problems, rule_sources_directory(sources), 0, 0, NULL,
                     packs == 0 ? _("there is no pack (*.yaml) in this directory")
                                : _("there are too many packs in this directory"));
}

/* What rules and cues name stands in any pack: first all heads, then rules and cues, then conditions. */
static void
packs_read(Loading *loading)
{
    g_autoptr(GPtrArray) heads = g_ptr_array_new_with_free_func(pack_free);

    heads_read(loading, heads);
    for (guint i = 0; i < heads->len; i++) {
        rules_read(loading, g_ptr_array_index(heads, i));
        cues_read(loading, g_ptr_array_index(heads, i));
    }
    for (guint i = 0; i < loading->ruleset->rules->len; i++) {
        Rule *rule = g_ptr_array_index(loading->ruleset->rules, i);
        if (rule->status != RULE_OFF && rule->id != NULL)
            conditions_settle(loading, rule, i);
    }
}

Ruleset *
ruleset_load(const char *directory, const char *cache_dir, const guint8 *cache_key, Problems *problems)
{
    g_autoptr(RuleSources) sources = rule_sources_read(directory, problems);

    return sources != NULL ? ruleset_compile(sources, cache_dir, cache_key, problems) : NULL;
}

Ruleset *
ruleset_compile(RuleSources *sources, const char *cache_dir, const guint8 *cache_key, Problems *problems)
{
    g_autoptr(Ruleset) ruleset = g_new0(Ruleset, 1);
    guint before = problems_count(problems);

    ruleset->rules = g_ptr_array_new_with_free_func(rule_unload);
    ruleset->cues = g_ptr_array_new_with_free_func(cue_unload);
    ruleset->targets = g_array_new(FALSE, FALSE, sizeof(Target));
    ruleset->leaves = g_array_new(FALSE, FALSE, sizeof(Leaf));
    ruleset->nears = g_ptr_array_new();
    ruleset->exact_sources = g_array_new(FALSE, FALSE, sizeof(guint));
    ruleset->present = g_array_new(FALSE, FALSE, sizeof(guint));
    ruleset->groups = groups_new();
    ruleset->names = place_names_new();
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(file_unload);
    g_autoptr(GArray) patterns = g_array_new(FALSE, TRUE, sizeof(ScanPattern));
    g_autoptr(GStringChunk) texts = g_string_chunk_new(4096);
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GHashTable) lists = lists_new(), known = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) exact = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Loading loading = {
        .ruleset = ruleset,
        .sources = sources,
        .lists = lists,
        .known = known,
        .exact = exact,
        .files = files,
        .texts = texts,
        .patterns = patterns,
        .names = taken,
        .hash = crypto_hash_new(),
        .problems = problems,
        .before = before,
    };
    packs_read(&loading);
    loading_finish(&loading, cache_dir, cache_key);
    infos_make(ruleset);
    if (ruleset->scanner == NULL || problems_count(problems) > before)
        return NULL;
    return g_steal_pointer(&ruleset);
}

void
ruleset_free(Ruleset *ruleset)
{
    if (ruleset == NULL)
        return;
    scanner_free(ruleset->scanner);
    g_ptr_array_unref(ruleset->rules);
    g_ptr_array_unref(ruleset->cues);
    g_array_unref(ruleset->targets);
    g_clear_pointer(&ruleset->infos, g_array_unref);
    g_clear_pointer(&ruleset->sources, g_ptr_array_unref);
    g_array_unref(ruleset->leaves);
    g_ptr_array_unref(ruleset->nears);
    g_array_unref(ruleset->exact_sources);
    g_array_unref(ruleset->present);
    groups_free(ruleset->groups);
    place_names_free(ruleset->names);
    g_free(ruleset->digest);
    g_free(ruleset);
}

const char *
ruleset_engine(void)
{
    static gsize ready;
    static char *engine;

    if (g_once_init_enter(&ready)) {
        g_auto(GStrv) words = g_strsplit(scan_version(), " ", 2);
        engine = g_strdup_printf("%s/hs-%s", ENGINE_VERSION, words[0]);
        g_once_init_leave(&ready, 1);
    }
    return engine;
}

const char *
ruleset_digest(const Ruleset *ruleset)
{
    return ruleset->digest;
}

guint
ruleset_count(const Ruleset *ruleset)
{
    return ruleset->rules->len;
}

gboolean
ruleset_from_cache(const Ruleset *ruleset)
{
    return scanner_from_cache(ruleset->scanner);
}

const RuleInfo *
ruleset_info(const Ruleset *ruleset, guint index)
{
    return index < ruleset->infos->len ? &g_array_index(ruleset->infos, RuleInfo, index) : NULL;
}

const PlaceNames *
ruleset_place_names(const Ruleset *ruleset)
{
    return ruleset->names;
}
