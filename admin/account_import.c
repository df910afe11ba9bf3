/* Headings and words of both languages lead to the fields of the register. */
#include "config.h"
#include "account_import.h"
#include "accounts.h"
#include "csv.h"
#include "errors.h"
#include "ldif.h"
#include "nearest.h"
#include <glib/gi18n.h>
#include <string.h>

static const struct {
    const char *field;
    const char *headings; /* by "|", in lower case */
} columns[] = {
    {"address", "address|mail|email|邮箱|邮箱地址|邮箱帐号|邮箱账号|电子邮箱|地址|帐号|账号"},
    {"kind", "kind|type|类型|帐号类型|账号类型"},
    {"unit", "unit|organization|单位|单位名称"},
    {"department", "department|部门|科室|处室"},
    {"owner", "owner|name|责任人|使用人|姓名"},
    {"keeper", "keeper|保管人|管理人"},
    {"purpose", "purpose|用途"},
    {"tier", "tier|强度|密码强度|密码等级|口令强度|口令等级"},
    {"group", "group|分组|组"},
    {"role", "role|涉密岗位|涉密等级|岗位类别"},
    {"commitment", "commitment|承诺书日期|保密承诺日期"},
    {"training", "training|培训日期|最近培训"},
    {"note", "note|备注|说明"},
    {"approver", "approver|批准人|审批人|批准领导"},
    {"approved", "approved|批准日期|审批日期"},
    {"aliases", "aliases|alias|别名"},
    {"networks", "networks|network|ip|网段|绑定地址"},
};

static const struct {
    const char *field, *chinese, *word;
} words[] = {
    {"kind", "个人", "person"},
    {"kind", "单位", "unit"},
    {"kind", "公共", "unit"},
    {"kind", "服务", "service"},
    {"kind", "设备", "service"},
    {"kind", "系统", "service"},
    {"kind", "管理员", "administrator"},
    {"tier", "基本", "base"},
    {"tier", "普通", "base"},
    {"tier", "严格", "strict"},
    {"tier", "高", "high"},
    {"tier", "一次性口令", "otp"},
    {"role", "核心", "core"},
    {"role", "重要", "important"},
    {"role", "一般", "ordinary"},
};

/* What is not a field of the register, but a column: nothing ties it to a table. Exported files have them. */
static const char *const passed_over[] = {
    "state", "stage",         "problems",     "deadline", "requested", "requested_by", "source",
    "left",  "watched_until", "new_password", "changed",  "状态",      "序号",         NULL};

char *
account_import_help(void)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
        g_string_append_printf(text, "  %-12s %s\n", columns[i].field, columns[i].headings + strlen(columns[i].field));
    g_string_replace(text, "|", " ", 0);
    return g_string_free(text, FALSE);
}

static const char *
word_of(const char *field, const char *text)
{
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(words[i].field, field) && g_str_equal(words[i].chinese, text))
            return words[i].word;
    return text;
}

static gboolean
is_one_of(const char *list, const char *word)
{
    g_auto(GStrv) parts = g_strsplit(list, "|", -1);
    return g_strv_contains((const char *const *)parts, word);
}

/* The field of a heading, "" for one that is passed over, NULL for an unknown one. */
static const char *
field_of(const char *heading)
{
    g_autofree char *lower = g_utf8_strdown(heading, -1);
    g_strdelimit(lower, " -", '_');
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
        if (is_one_of(columns[i].headings, lower))
            return columns[i].field;
    return *lower == '\0' || g_strv_contains(passed_over, lower) ? "" : NULL;
}

/* --- values -------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    Problems *problems;
    GPtrArray *rows;
    GHashTable *seen; /* address to its line */
} Import;

static void
free_row(gpointer data)
{
    ImportRow *row = data;
    json_decref(row->request);
    g_free(row);
}

/* Several values in one field: by ";", "," in Chinese or English form, or spaces. */
static json_t *
list_of(const char *text)
{
    g_auto(GStrv) parts = g_strsplit_set(text, ";, \n", -1);
    json_t *list = json_array();
    for (guint i = 0; parts[i] != NULL; i++)
        if (*parts[i] != '\0')
            json_array_append_new(list, json_string(parts[i]));
    return list;
}

/* Puts one value; FALSE after saying what is wrong with it. */
static gboolean
put_value(Import *import, json_t *request, const char *field, const char *text, guint line, guint column)
{
    g_autoptr(GError) error = NULL;
    if (*text == '\0')
        return TRUE;
    if (g_str_equal(field, "aliases") || g_str_equal(field, "networks"))
        return json_object_set_new(request, field, list_of(text)) == 0;
    g_autofree char *value = account_field_read(account_field_from_name(field), word_of(field, text), &error);
    if (value != NULL)
        return json_object_set_new(request, field, json_string(value)) == 0;
    problems_add(import->problems, import->name, line, column, NULL, "%s", error->message);
    return FALSE;
}

/* Takes the request. */
static void
keep(Import *import, json_t *request, guint line, guint column, gboolean good)
{
    const char *address = json_string_value(json_object_get(request, "address"));
    guint before = address != NULL ? GPOINTER_TO_UINT(g_hash_table_lookup(import->seen, address)) : 0;
    if (address == NULL && good)
        problems_add(import->problems, import->name, line, 1, NULL, _("the address is missing"));
    if (before != 0)
        problems_add(import->problems, import->name, line, MAX(column, 1), NULL, _("%s stands in line %u already"),
                     address, before);
    if (!good || address == NULL || before != 0) {
        json_decref(request);
        return;
    }
    g_hash_table_insert(import->seen, g_strdup(address), GUINT_TO_POINTER(line));
    ImportRow *row = g_new(ImportRow, 1);
    *row = (ImportRow){request, line, column};
    g_ptr_array_add(import->rows, row);
}

static Import
begin(const char *name, Problems *problems)
{
    return (Import){name, problems, g_ptr_array_new_with_free_func(free_row),
                    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
}

static GPtrArray *
end(Import *import)
{
    g_hash_table_unref(import->seen);
    return import->rows;
}

/* --- CSV ----------------------------------------------------------------------------------------------------- */

static void
unknown_heading(const Import *import, const CsvField *field)
{
    const char *names[G_N_ELEMENTS(columns) + 1] = {NULL};
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
        names[i] = columns[i].field;
    const char *near = nearest_word(field->text, names);
    problems_add(import->problems, import->name, field->line, field->column, NULL,
                 near != NULL ? _("unknown heading \"%s\"; did you mean \"%s\"?")
                              : _("unknown heading \"%s\"%s; see: hangu account import --help"),
                 field->text, near != NULL ? near : "");
}

/* The field of each column; NULL after saying what is wrong. Gives the array. */
static const char **
read_headings(const Import *import, const CsvRow *row)
{
    g_autofree const char **fields = g_new0(const char *, row->fields->len + 1);
    gboolean good = TRUE, address = FALSE;
    for (guint i = 0; i < row->fields->len; i++) {
        const CsvField *field = csv_field(row, i);
        fields[i] = field_of(field->text);
        address = address || g_strcmp0(fields[i], "address") == 0;
        for (guint k = 0; k < i && fields[i] != NULL && *fields[i] != '\0'; k++)
            if (g_strcmp0(fields[i], fields[k]) == 0) {
                problems_add(import->problems, import->name, field->line, field->column, NULL,
                             _("\"%s\" is the second column of %s"), field->text, fields[i]);
                good = FALSE;
            }
        if (fields[i] == NULL)
            unknown_heading(import, field);
        good = good && fields[i] != NULL;
    }
    if (!address)
        problems_add(import->problems, import->name, row->line, 1, NULL,
                     _("no column is called \"address\" (邮箱): the first line must be headings"));
    return good && address ? g_steal_pointer(&fields) : NULL;
}

static void
read_row(Import *import, const CsvRow *row, const char *const *fields, guint count)
{
    json_t *request = json_object();
    gboolean good = TRUE;
    guint column = 1;
    if (row->fields->len > count) {
        const CsvField *extra = csv_field(row, count);
        problems_add(import->problems, import->name, extra->line, extra->column, NULL,
                     _("more fields than headings; a field with a comma goes in quotes"));
        good = FALSE;
    }
    for (guint i = 0; i < MIN(count, row->fields->len); i++) {
        const CsvField *field = csv_field(row, i);
        if (g_str_equal(fields[i], "address"))
            column = field->column;
        if (*fields[i] != '\0' &&
            !put_value(import, request, fields[i], csv_plain(field->text), field->line, field->column))
            good = FALSE;
    }
    keep(import, request, row->line, column, good);
}

GPtrArray *
account_import_csv(const char *name, const char *bytes, gsize length, Problems *problems)
{
    g_autoptr(GError) error = NULL;
    Import import = begin(name, problems);
    g_autoptr(GPtrArray) rows = csv_parse(bytes, length, &error);
    if (rows == NULL || rows->len == 0) {
        problems_add(problems, name, 1, 1, NULL, "%s", error != NULL ? error->message : _("the file is empty"));
        return end(&import);
    }
    const CsvRow *head = g_ptr_array_index(rows, 0);
    g_autofree const char **fields = read_headings(&import, head);
    for (guint i = 1; fields != NULL && i < rows->len; i++)
        read_row(&import, g_ptr_array_index(rows, i), fields, head->fields->len);
    return end(&import);
}

/* --- LDIF ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *attribute, *field;
} attributes[] = {
    {"mail", "address"},  {"displayname", "owner"},           {"cn", "owner"},
    {"o", "unit"},        {"departmentnumber", "department"}, {"department", "department"},
    {"ou", "department"}, {"description", "purpose"},
};
static const char *const other_addresses[] = {"mailalternateaddress", "mailalias", "proxyaddresses", "uid"};

static void
read_aliases(const LdifEntry *entry, json_t *request)
{
    const char *address = json_string_value(json_object_get(request, "address"));
    json_t *aliases = json_array();
    for (guint i = 0; i < entry->values->len; i++) {
        const LdifValue *value = &g_array_index(entry->values, LdifValue, i);
        gboolean other = FALSE;
        for (guint k = 0; k < G_N_ELEMENTS(other_addresses); k++)
            other = other || g_str_equal(value->name, other_addresses[k]);
        const char *text = g_ascii_strncasecmp(value->value, "smtp:", 5) == 0 ? value->value + 5 : value->value;
        gsize length = strlen(text);
        /* a login name that is the local part needs no alias */
        gboolean local = address != NULL && strncmp(address, text, length) == 0 && address[length] == '@';
        if (other && !local && g_strcmp0(address, text) != 0)
            json_array_append_new(aliases, json_string(text));
    }
    json_object_set_new(request, "aliases", aliases);
}

GPtrArray *
account_import_ldif(const char *name, const char *bytes, gsize length, Problems *problems)
{
    g_autoptr(GError) error = NULL;
    Import import = begin(name, problems);
    g_autoptr(GPtrArray) entries = ldif_parse(bytes, length, &error);
    if (entries == NULL)
        problems_add(problems, name, 1, 1, NULL, "%s", error->message);
    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        const LdifEntry *entry = g_ptr_array_index(entries, i);
        if (ldif_value(entry, "mail") == NULL)
            continue;
        json_t *request = json_object();
        gboolean good = TRUE;
        for (guint k = 0; k < G_N_ELEMENTS(attributes); k++) {
            const LdifValue *value = ldif_value(entry, attributes[k].attribute);
            if (value != NULL && json_object_get(request, attributes[k].field) == NULL)
                good = put_value(&import, request, attributes[k].field, value->value, value->line, 1) && good;
        }
        read_aliases(entry, request);
        keep(&import, request, entry->line, 0, good);
    }
    return end(&import);
}
