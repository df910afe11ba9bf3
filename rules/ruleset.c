/* ruleset - packs to rules, cues, patterns and one digest. */
#include "config.h"
#include "ruleset.h"
#include "compose.h"
#include "crypto.h"
#include "fold.h"
#include "reasons.h"
#include "ruleset-parts.h"
#include <glib/gi18n.h>
#include <string.h>

/* Named in the digest: to be changed whenever the same packs may judge otherwise. */
#define ENGINE_VERSION "judge-2"
#define PACKS_MAX 256

typedef struct {
    char *pack, *title_zh, *title_en;
    YamlNode *rules, *cues, *companions;
    /* not in the file */
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
    {"rules", YAML_ROW_NODE, G_STRUCT_OFFSET(PackHead, rules), .help_zh = "规则。", .help_en = "Rules."},
    {"cues", YAML_ROW_NODE, G_STRUCT_OFFSET(PackHead, cues), .help_zh = "线索与否定线索。", .help_en = "Cues."},
    {NULL},
};

/* One loading: the patterns on their way to the scanner. */
typedef struct {
    Ruleset *ruleset;
    GPtrArray *files;    /* YamlFile: the patterns' texts live there, */
    GStringChunk *texts; /* and composed ones here */
    GArray *patterns;    /* ScanPattern */
    GHashTable *names;   /* id -> file:line, of rules and cues */
    CryptoHash *hash;
    Problems *problems;
    guint before; /* mistakes of others */
} Loading;

static void
pattern_add(Loading *loading, const YamlNode *item, const char *text, const char *file, Target target, ScanKind kind)
{
    ScanPattern pattern = {
        .id = loading->ruleset->targets->len,
        .kind = kind,
        .view = kind == SCAN_LITERAL ? SCAN_SQUEEZED : SCAN_FOLDED,
        .text = text,
        .file = file,
        .line = yaml_line(item),
        .column = yaml_column(item),
    };

    g_array_append_val(loading->patterns, pattern);
    g_array_append_val(loading->ruleset->targets, target);
}

/* An item that is several lists. Gives how many patterns it is. */
static guint
composed_read(Loading *loading, const YamlNode *item, const char *file, Target target)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    compose_words(item, loading->texts, words, loading->problems);
    if (loading->patterns->len + words->len > SCAN_PATTERNS_MAX) {
        yaml_problem(item, loading->problems, NULL, _("the packs have more than %d words"), SCAN_PATTERNS_MAX);
        return 0;
    }
    for (guint i = 0; i < words->len; i++)
        pattern_add(loading, item, g_ptr_array_index(words, i), file, target, SCAN_LITERAL);
    return words->len;
}

/* A list of texts as patterns of one target. Gives how many. */
static guint
patterns_read(Loading *loading, const YamlNode *node, const char *file, Target target, ScanKind kind)
{
    guint count = 0;

    if (node == NULL)
        return 0;
    if (yaml_kind(node) != YAML_LIST) {
        yaml_problem(node, loading->problems, NULL, _("must be a list of texts"));
        return 0;
    }
    for (guint i = 0; i < yaml_length(node); i++) {
        const YamlNode *item = yaml_item(node, i);
        if (yaml_kind(item) == YAML_LIST && kind == SCAN_LITERAL) {
            count += composed_read(loading, item, file, target);
            continue;
        }
        if (yaml_kind(item) != YAML_SCALAR || yaml_is_blank(item)) {
            yaml_problem(item, loading->problems, NULL, _("must be a text"));
            continue;
        }
        pattern_add(loading, item, yaml_scalar(item, NULL), file, target, kind);
        count++;
    }
    return count;
}

/* Level words: a map of level: list. */
static guint
levels_read(Loading *loading, const YamlNode *node, const char *file, TargetKind kind, guint owner)
{
    guint count = 0;

    if (node == NULL)
        return 0;
    if (yaml_kind(node) != YAML_MAP) {
        yaml_problem(node, loading->problems, NULL, _("must be a map of level: list of words"));
        return 0;
    }
    for (guint i = 0; i < yaml_length(node); i++) {
        Level level;
        if (!level_parse(yaml_key(node, i), &level) || level < LEVEL_SECRET) {
            yaml_problem(yaml_key_node(node, i), loading->problems, yaml_key(node, i),
                         _("must be top-secret, highly-secret or secret"));
            continue;
        }
        Target target = {.kind = (guint8)kind, .level = (guint8)level, .owner = owner};
        count += patterns_read(loading, yaml_value(node, i), file, target, SCAN_LITERAL);
    }
    return count;
}

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
rules_read(Loading *loading, PackHead *head, const char *file)
{
    for (guint i = 0; head->rules != NULL && i < yaml_length(head->rules); i++) {
        const YamlNode *node = yaml_item(head->rules, i);
        Rule *rule = rule_read(node, head->pack != NULL ? head->pack : file, file, "rules", loading->problems);
        if (rule == NULL)
            continue;
        guint owner = loading->ruleset->rules->len;
        g_ptr_array_add(loading->ruleset->rules, rule);
        if (rule->id != NULL && name_take(loading, rule->id, file, rule->line) && rule->status != RULE_OFF)
            rule_patterns(loading, rule, owner, head);
    }
}

static void
cues_read(Loading *loading, const PackHead *head, const char *file)
{
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
pack_read(Loading *loading, const RuleSource *source)
{
    gsize length;
    const char *bytes = g_bytes_get_data(source->bytes, &length), *path = source->path;
    YamlFile *file = yaml_load_bytes(path, bytes != NULL ? bytes : "", length, loading->problems);
    PackHead head = {0};

    if (file == NULL)
        return;
    g_ptr_array_add(loading->files, file);
    crypto_hash_add(loading->hash, source->name, strlen(source->name) + 1);
    crypto_hash_add(loading->hash, yaml_digest(file), strlen(yaml_digest(file)) + 1);
    yaml_read_rows(yaml_root(file), pack_rows, "", &head, loading->problems);
    list_check(loading, &head.rules, "rules");
    list_check(loading, &head.cues, "cues");
    list_check(loading, &head.companions, "companions");
    rules_read(loading, &head, g_intern_string(path));
    cues_read(loading, &head, g_intern_string(path));
    yaml_clear_rows(pack_rows, &head);
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
    if (problems_count(loading->problems) == loading->before)
        ruleset->scanner = scanner_new((const ScanPattern *)(gpointer)loading->patterns->data, loading->patterns->len,
                                       ruleset->digest, cache_dir, cache_key, loading->problems);
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
packs_read(Loading *loading, RuleSources *sources)
{
    guint packs = 0;

    for (guint i = 0; i < rule_sources_count(sources); i++) {
        const char *name = rule_sources_get(sources, i)->name;
        if (g_str_has_suffix(name, ".yaml") && ++packs <= PACKS_MAX)
            pack_read(loading, rule_sources_use(sources, name));
    }
    if (packs > 0 && packs <= PACKS_MAX)
        return;
    problems_add(loading->problems, rule_sources_directory(sources), 0, 0, NULL,
                 packs == 0 ? _("there is no pack (*.yaml) in this directory")
                            : _("there are too many packs in this directory"));
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
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(file_unload);
    g_autoptr(GArray) patterns = g_array_new(FALSE, TRUE, sizeof(ScanPattern));
    g_autoptr(GStringChunk) texts = g_string_chunk_new(4096);
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Loading loading = {
        .ruleset = ruleset,
        .files = files,
        .texts = texts,
        .patterns = patterns,
        .names = taken,
        .hash = crypto_hash_new(),
        .problems = problems,
        .before = before,
    };
    packs_read(&loading, sources);
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
