/* The letter made of templates. */
#include "config.h"
#include "notice.h"
#include "address.h"
#include "clock.h"
#include "crypto.h"
#include "notice_words.h"
#include <gmime/gmime.h>
#include <string.h>

const char *
notice_kind_word(NoticeKind kind)
{
    return notice_words(kind)->word;
}

gboolean
notice_kind_parse(const char *word, NoticeKind *out)
{
    for (guint i = 0; i < NOTICE_KINDS; i++)
        if (g_strcmp0(notice_words((NoticeKind)i)->word, word) == 0) {
            *out = (NoticeKind)i;
            return TRUE;
        }
    return FALSE;
}

gboolean
notice_is_for_officers(NoticeKind kind)
{
    return kind >= NOTICE_OFFICER_REFUSED;
}

/* --- words ------------------------------------------------------------------------------------------------------- */

static const char *
in(const NoticeText *text, gboolean chinese)
{
    return text == NULL ? "-" : chinese ? text->zh : text->en;
}

/* Nothing that a mail program makes a link of, nor a line of its own. */
static void
append_plain(GString *out, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value != NULL && *value != '\0' ? value : "-", -1);
    guint count = 0;
    for (const char *p = valid; *p != '\0' && count < NOTICE_VALUE_MAX; p = g_utf8_next_char(p), count++) {
        gunichar c = g_utf8_get_char(p);
        gboolean plain = g_unichar_isalnum(c) || (c < 0x80 && c != 0 && strchr("._+-@:() ", (int)c) != NULL);
        g_string_append_unichar(out, plain ? c : '?');
    }
}

static void
append_time(GString *out, gint64 time_us)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(time_us / G_USEC_PER_SEC);
    g_autofree char *text = time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M") : NULL;
    g_string_append(out, text != NULL ? text : "-");
}

static const char *
value_of(const Notice *notice, const char *name)
{
    return notice->values != NULL ? g_hash_table_lookup(notice->values, name) : NULL;
}

/* In the reader's zone, without letters that mean something to programs. */
static void
append_until(GString *out, const Notice *notice, gboolean chinese)
{
    static const NoticeText never = {"由本单位保密员解除，请打电话",
                                     "the security officer of your unit lets it in again; please call"};
    const char *value = value_of(notice, "until");
    gint64 until;
    if (value != NULL && clock_parse(value, &until, NULL))
        append_time(out, until);
    else
        g_string_append(out, in(&never, chinese));
}

static void
append_value(GString *out, const Notice *notice, const char *name, gboolean chinese)
{
    if (strcmp(name, "problem") == 0)
        g_string_append(out, in(notice_problem(notice->problem), chinese));
    else if (strcmp(name, "advice") == 0)
        g_string_append(out, in(notice_advice(notice->problem), chinese));
    else if (strcmp(name, "until") == 0)
        append_until(out, notice, chinese);
    else
        append_plain(out, value_of(notice, name));
}

/* The template with its {names} filled in; gives. */
static char *
fill(const Notice *notice, gboolean chinese)
{
    GString *out = g_string_new(NULL);
    const char *text = in(&notice_words(notice->kind)->text, chinese);
    for (const char *open; (open = strchr(text, '{')) != NULL;) {
        const char *close = strchr(open, '}');
        g_autofree char *name = g_strndup(open + 1, (gsize)(close - open - 1));
        g_string_append_len(out, text, open - text);
        append_value(out, notice, name, chinese);
        text = close + 1;
    }
    g_string_append(out, text);
    return g_string_free(out, FALSE);
}

/* Of one thing: when, of officers' notices who, and the record. */
static void
append_line(GString *out, const Notice *notice, const NoticeFrame *frame, gboolean chinese)
{
    const char *comma = chinese ? "，" : ", ";
    if (notice_is_for_officers(notice->kind)) {
        g_string_append(out, chinese ? "账号：" : "Account: ");
        append_plain(out, value_of(notice, "account"));
        if (value_of(notice, "to") != NULL) {
            g_string_append(out, chinese ? " 转往 " : " to ");
            append_plain(out, value_of(notice, "to"));
        }
        g_string_append(out, comma);
    }
    g_string_append(out, chinese ? "时间：" : "Time: ");
    append_time(out, notice->time_us != 0 ? notice->time_us : frame->time_us);
    g_string_append_printf(out, chinese ? "，记录编号：%s" : ", record number: %s", notice->record_id);
    if (notice->more > 0)
        g_string_append_printf(out,
                               chinese ? "（上次通知以后另有 %u 次，没有逐次通知）"
                                       : " (and %u more since the last notice, which were not told one by one)",
                               notice->more);
    g_string_append_c(out, '\n');
}

static void
append_foot(GString *out, const NoticeFrame *frame, gboolean chinese)
{
    if (frame->phone != NULL && *frame->phone != '\0') {
        g_string_append(out, chinese ? "\n联系电话：" : "\nTelephone: ");
        append_plain(out, frame->phone);
        g_string_append(out, chinese ? "（请报记录编号）\n" : " (please give the record number)\n");
    } else {
        g_string_append(out, chinese
                                 ? "\n有疑问请联系本单位保密员，并报记录编号。\n"
                                 : "\nIf in doubt ask the security officer of your unit, with the record number.\n");
    }
    g_string_append(out, chinese ? "单位：" : "Unit: ");
    append_plain(out, frame->unit);
    g_string_append(out, chinese ? "\n本通知由邮件网关自动发出，请不要回复。通知中从不含链接，也从不索要密码。\n"
                                 : "\nThis notice was sent by the mail gateway; please do not reply. Its notices never "
                                   "have a link and never ask for a password.\n");
}

/* What is told in the same words: the words, and the numbers of the notices. */
typedef struct {
    char *text;
    GArray *which;
} Section;

static void
section_free(gpointer data)
{
    Section *section = data;
    g_free(section->text);
    g_array_unref(section->which);
    g_free(section);
}

static GPtrArray *
make_sections(const Notice *const *notices, guint count, gboolean chinese)
{
    GPtrArray *sections = g_ptr_array_new_with_free_func(section_free);
    for (guint i = 0; i < count; i++) {
        g_autofree char *text = fill(notices[i], chinese);
        guint at = 0;
        while (at < sections->len && strcmp(((Section *)sections->pdata[at])->text, text) != 0)
            at++;
        if (at == sections->len) {
            Section *section = g_new0(Section, 1);
            section->text = g_steal_pointer(&text);
            section->which = g_array_new(FALSE, FALSE, sizeof(guint));
            g_ptr_array_add(sections, section);
        }
        g_array_append_val(((Section *)sections->pdata[at])->which, i);
    }
    return sections;
}

static guint
append_language(GString *out, const Notice *const *notices, guint count, const NoticeFrame *frame, gboolean chinese)
{
    g_autoptr(GPtrArray) sections = make_sections(notices, count, chinese);
    for (guint s = 0; s < sections->len; s++) {
        const Section *section = sections->pdata[s];
        const Notice *first = notices[g_array_index(section->which, guint, 0)];
        if (sections->len > 1)
            g_string_append_printf(out, "%s%u. %s\n", s > 0 ? "\n" : "", s + 1,
                                   in(&notice_words(first->kind)->subject, chinese));
        g_string_append_printf(out, "%s\n\n", section->text);
        for (guint i = 0; i < section->which->len; i++)
            append_line(out, notices[g_array_index(section->which, guint, i)], frame, chinese);
    }
    append_foot(out, frame, chinese);
    return sections->len;
}

/* *sections_out: how many things it tells of that differ. Gives. */
static char *
notice_text(const Notice *const *notices, guint count, const NoticeFrame *frame, guint *sections_out)
{
    GString *out = g_string_new(NULL);
    *sections_out = append_language(out, notices, count, frame, TRUE);
    g_string_append(out, "\n----\n\n");
    append_language(out, notices, count, frame, FALSE);
    return g_string_free(out, FALSE);
}

/* --- the letter -------------------------------------------------------------------------------------------------- */

static GMimeObject *
text_part(const char *text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype("plain");
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, text);
    /* Lines that no mail server folds: the gate knows its own notice by its body. */
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_BASE64);
    return GMIME_OBJECT(part);
}

static void
set_fields(GMimeMessage *message, const Notice *notice, const NoticeFrame *frame, guint sections)
{
    const NoticeText *title = &notice_words(notice->kind)->subject;
    g_autofree char *subject =
        sections == 1 ? g_strdup_printf("%s / %s", title->zh, title->en)
                      : g_strdup_printf("邮件网关有 %u 件事告诉您 / The mail gateway has %u things to tell you",
                                        sections, sections);
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_local(frame->time_us / G_USEC_PER_SEC);
    const char *domain = address_domain(frame->from);
    guint8 random[8];
    crypto_random(random, sizeof random);
    g_autofree char *hex = crypto_hex(random, sizeof random);
    g_autofree char *id = g_strdup_printf("%s.%s@%s", notice->record_id, hex, *domain != '\0' ? domain : "localhost");
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, "邮件网关 Mail gateway", frame->from);
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL, notice->recipient);
    g_mime_message_set_subject(message, subject, "utf-8");
    g_mime_message_set_date(message, date);
    g_mime_message_set_message_id(message, id);
    g_mime_object_set_header(GMIME_OBJECT(message), "Auto-Submitted", "auto-replied", NULL);
    g_mime_object_set_header(GMIME_OBJECT(message), "X-Auto-Response-Suppress", "All", NULL);
}

GBytes *
notice_compose(const Notice *const *notices, guint count, const NoticeFrame *frame, gsize *body_from_out)
{
    guint sections;
    g_autofree char *text = notice_text(notices, count, frame, &sections);
    GMimeMessage *message = g_mime_message_new(FALSE);
    GMimeObject *part = text_part(text);
    set_fields(message, notices[0], frame, sections);
    g_mime_message_set_mime_part(message, part);
    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    g_autofree char *raw = g_mime_object_to_string(GMIME_OBJECT(message), options);
    g_mime_format_options_free(options);
    g_object_unref(part);
    g_object_unref(message);
    gsize length = strlen(raw);
    const char *body = strstr(raw, "\r\n\r\n");
    *body_from_out = body != NULL ? (gsize)(body + 4 - raw) : length;
    return g_bytes_new_take(g_steal_pointer(&raw), length);
}

/* --- who is never written to ---------------------------------------------------------------------------------------
 */

gboolean
notice_is_robot(const char *address)
{
    static const char *const begins[] = {"owner-", "mailer-daemon", "noreply", "no-reply", "bounce"};
    static const char *const ends[] = {"-request", "-owner", "-bounces", "-bounce"};
    g_autofree char *normal = address_normal(address);
    g_autofree char *local = g_strndup(normal, strcspn(normal, "@"));
    for (gsize i = 0; i < G_N_ELEMENTS(begins); i++)
        if (g_str_has_prefix(local, begins[i]))
            return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(local, ends[i]))
            return TRUE;
    return *local == '\0';
}

gboolean
notice_field_is_automatic(const char *name, const char *value)
{
    static const char *const always[] = {"List-Id", "List-Post", "List-Unsubscribe"};
    static const char *const precedences[] = {"bulk", "list", "junk"};
    while (g_ascii_isspace(*value))
        value++;
    for (gsize i = 0; i < G_N_ELEMENTS(always); i++)
        if (g_ascii_strcasecmp(name, always[i]) == 0)
            return TRUE;
    if (g_ascii_strcasecmp(name, "Auto-Submitted") == 0)
        return g_ascii_strncasecmp(value, "no", 2) != 0 || g_ascii_isalnum(value[2]);
    if (g_ascii_strcasecmp(name, "Precedence") != 0)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(precedences); i++)
        if (g_ascii_strncasecmp(value, precedences[i], strlen(precedences[i])) == 0)
            return TRUE;
    return FALSE;
}
