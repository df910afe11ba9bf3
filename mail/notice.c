/* Templates and the letter made of them. */
#include "config.h"
#include "notice.h"
#include "address.h"
#include "crypto.h"
#include <gmime/gmime.h>
#include <string.h>

typedef struct {
    const char *zh, *en;
} Words;

typedef struct {
    const char *word;
    Words subject, text; /* {problem} and {advice} are those of the problem */
} Template;

static const Template templates[NOTICE_KINDS] = {
    [NOTICE_REFUSED] = {"refused",
                        {"您的邮件未能发出", "Your letter was not sent"},
                        {"您刚才发送的邮件被邮件系统拒绝，没有发出。\n原因：{problem}\n请这样做：{advice}",
                         "The letter that you have just sent was refused and has not left.\nWhy: {problem}\nWhat to "
                         "do: {advice}"}},
    [NOTICE_WARNED] = {"warned",
                       {"请处理：您的邮箱将不能发信", "Please act: your mailbox will not be able to send"},
                       {"您刚才发送的邮件已照常发出，但您的邮箱有一个问题。不处理的话，以后发信将被拒绝。\n问题：{"
                        "problem}\n请这样做：{advice}",
                        "The letter that you have just sent has left, but something is wrong with your mailbox. If it "
                        "stays so, letters will be refused.\nWhat: {problem}\nWhat to do: {advice}"}},
    [NOTICE_HELD] =
        {"held",
         {"您的邮件正在等待审核", "Your letter waits for review"},
         {"您刚才发送的一封邮件被暂时扣下，等待本单位保密员审核，还没有发给收件人。\n请不要重发，也不要改用其"
          "他办法发送。审核通过后它会自动发出。急用请打电话并报下面的记录编号。",
          "A letter that you have just sent is held until an officer of your unit has reviewed it; it has "
          "not reached anybody.\nPlease do not send it again or by another way. Once it is approved it "
          "leaves by itself. If it is urgent, call and give the record number below."}},
    [NOTICE_FORWARD_STOPPED] =
        {"forward-stopped",
         {"自动转发已被阻止", "An automatic forward was stopped"},
         {"您的邮箱设置了向单位外部自动转发邮件（转往 {to}），这不允许。刚才的一封没有转出，您的邮箱"
          "里仍有原件。\n请在邮箱设置中删除自动转发规则；不是您设置的，请马上打电话告诉我们。",
          "Your mailbox forwards letters automatically to an address outside ({to}), which is not "
          "allowed. The last one has not left; you still have it in your mailbox.\nPlease remove "
          "the forwarding rule from your mailbox. If it was not you who made it, call us at "
          "once."}},
    [NOTICE_PASSWORD_EXPIRES] =
        {"password-expires",
         {"您的邮箱密码将要到期", "The password of your mailbox expires soon"},
         {"您的邮箱密码将于 {date} 到期，到期后不能登录和发信。\n请在此之前按平时的办法更换密码。",
          "The password of your mailbox expires on {date}. After that you can neither log in "
          "nor send.\nPlease change it before that day, in the way you always do."}},
    [NOTICE_PASSWORD_WEAK] =
        {"password-weak",
         {"您的邮箱密码太简单", "The password of your mailbox is too simple"},
         {"您的邮箱密码容易被人猜到。请在 {date} 之前更换，逾期将不能登录和发信。\n新密码不要用姓名、"
          "单位、生日、电话或连续的键。",
          "The password of your mailbox is easy to guess. Please change it before {date}; after that "
          "you can neither log in nor send.\nTake no name, unit, birthday, telephone number or row "
          "of keys."}},
    [NOTICE_LOCKED] =
        {"locked",
         {"您的邮箱账号已被锁定", "Your mailbox account is locked"},
         {"您的邮箱账号因多次输错密码而锁定。解除时间：{until}（“-"
          "”表示由本单位保密员解除）。\n如果不是您本人输错，请马上打电话告诉我们。",
          "Your mailbox account is locked after several wrong passwords. Until: {until} (\"-\": until the security "
          "officer of your unit lets it in again).\nIf it was not you, call us at once."}},
    [NOTICE_OFFICER_REFUSED] =
        {"officer-refused",
         {"账号发信被拒绝", "An account was refused"},
         {"账号 {account} 发信被拒绝。\n原因：{problem}\n已告知本人（如有邮箱）。",
          "The account {account} was refused when it sent a letter.\nWhy: {problem}\nIts owner has "
          "been told, if there is a mailbox."}},
    [NOTICE_OFFICER_WARNED] =
        {"officer-warned",
         {"账号有问题，邮件已放行", "An account has a problem; its letter went out"},
         {"账号 {account} 发出了一封邮件。该账号所在的组处于提醒阶段，邮件已放行；正式执行后将被拒绝。"
          "\n问题：{problem}\n已提醒本人（如有邮箱）。",
          "The account {account} sent a letter. Its group is being warned, so the letter went out; "
          "once that ends it would be refused.\nWhat: {problem}\nIts owner has been told, if there "
          "is a mailbox."}},
    [NOTICE_OFFICER_FORWARD] =
        {"officer-forward",
         {"自动转发已被阻止", "An automatic forward was stopped"},
         {"账号 {account} 的邮箱向单位外部（{to}）自动转发邮件，已被阻止，没有转出。请督促删除该转发"
          "规则。",
          "The mailbox of the account {account} forwards letters automatically to an address "
          "outside ({to}). It was stopped. Please see to it that the rule is removed."}},
};

static const struct {
    Words problem, advice;
} problems[SUBMITTER_PROBLEMS] = {
    {{"邮箱密码太弱，容易被人猜到。", "the password of the mailbox is weak and easy to guess."},
     {"更换密码，再重新发送。", "change the password, then send again."}},
    {{"邮箱密码已过期。", "the password of the mailbox has expired."},
     {"更换密码，再重新发送。", "change the password, then send again."}},
    {{"这个账号没有登记，或还没有批准。", "the account is not registered or not yet approved."},
     {"请本部门经办人办理邮箱登记。", "ask the person in charge in your department to have the mailbox registered."}},
    {{"这是管理员账号，不能用来发信。", "this is an administrator's account, which may not send letters."},
     {"改用您自己的邮箱发送。", "send from your own mailbox."}},
    {{"账号已锁定。", "the account is locked."}, {"请联系本单位保密员。", "ask the security officer of your unit."}},
    {{"账号已停用。", "the account is suspended."}, {"请联系本单位保密员。", "ask the security officer of your unit."}},
    {{"账号已注销。", "the account is closed."}, {"请联系本单位保密员。", "ask the security officer of your unit."}},
    {{"邮件软件与服务器之间没有加密。", "the mail program did not encrypt its connection."},
     {"在邮件软件的发信设置中打开 SSL/TLS 或 STARTTLS。",
      "switch on SSL/TLS or STARTTLS in the sending settings of the mail program."}},
    {{"发信前没有登录。", "nobody logged in before sending."},
     {"在邮件软件的发信设置中选择“服务器要求身份验证”。",
      "choose \"the server requires a login\" in the mail program."}},
    {{"登录方式过弱。", "the way of logging in is too weak."},
     {"在邮件软件的发信设置中改用“普通密码”并打开加密。",
      "choose \"normal password\" and switch encryption on in the mail program."}},
    {{"密码没有加密就传送，可能已被人看到。", "the password was sent in clear and may have been seen."},
     {"在邮件软件中打开加密，然后更换密码。", "switch encryption on in the mail program, then change the password."}},
    {{"发件人地址不是您的。", "the sender's address is not yours."},
     {"改用您自己的地址发送；需要代发请先办理授权。",
      "use your own address; to send for somebody else, have that granted first."}},
};

const char *
notice_kind_word(NoticeKind kind)
{
    return templates[kind].word;
}

gboolean
notice_kind_parse(const char *word, NoticeKind *out)
{
    for (guint i = 0; i < NOTICE_KINDS; i++)
        if (g_strcmp0(templates[i].word, word) == 0) {
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

/* Nothing that a mail program makes a link of, nor a line of its own. */
static void
append_value(GString *out, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value != NULL && *value != '\0' ? value : "-", -1);
    guint count = 0;
    for (const char *p = valid; *p != '\0' && count < NOTICE_VALUE_MAX; p = g_utf8_next_char(p), count++) {
        gunichar c = g_utf8_get_char(p);
        gboolean plain = g_unichar_isalnum(c) || (c < 0x80 && c != 0 && strchr("._+-@:() ", (int)c) != NULL);
        g_string_append_unichar(out, plain ? c : '?');
    }
}

static const Words *
problem_words(guint problem, const char *name)
{
    for (guint i = 0; i < SUBMITTER_PROBLEMS; i++)
        if (problem == 1u << i)
            return strcmp(name, "advice") == 0 ? &problems[i].advice : &problems[i].problem;
    return NULL;
}

/* A template with its {names} filled in. */
static void
append_text(GString *out, const Notice *notice, const char *text, gboolean chinese)
{
    for (const char *open; (open = strchr(text, '{')) != NULL;) {
        const char *close = strchr(open, '}');
        g_autofree char *name = g_strndup(open + 1, (gsize)(close - open - 1));
        const Words *words = problem_words(notice->problem, name);
        g_string_append_len(out, text, open - text);
        if (strcmp(name, "problem") == 0 || strcmp(name, "advice") == 0)
            g_string_append(out, words == NULL ? "-" : chinese ? words->zh : words->en);
        else
            append_value(out, notice->values != NULL ? g_hash_table_lookup(notice->values, name) : NULL);
        text = close + 1;
    }
    g_string_append(out, text);
}

static void
append_foot(GString *out, const Notice *notice, const NoticeFrame *frame, gboolean chinese)
{
    g_string_append_printf(out, chinese ? "\n\n记录编号：%s\n" : "\n\nRecord number: %s\n", notice->record_id);
    if (frame->phone != NULL && *frame->phone != '\0') {
        g_string_append(out, chinese ? "联系电话：" : "Telephone: ");
        append_value(out, frame->phone);
        g_string_append_c(out, '\n');
    }
    if (notice->more > 0)
        g_string_append_printf(out,
                               chinese
                                   ? "上次通知以来，另有 %u 次同样的情况没有逐次通知。\n"
                                   : "Since the last notice this happened %u more times, which were not told one by "
                                     "one.\n",
                               notice->more);
    g_string_append(out, chinese ? "单位：" : "Unit: ");
    append_value(out, frame->unit);
    g_string_append(out, chinese ? "\n本通知由邮件网关自动发出，请不要回复。通知中从不含链接，也从不索要密码。\n"
                                 : "\nThis notice was sent by the mail gateway; please do not reply. Its notices never "
                                   "have a link and never ask for a password.\n");
}

static char *
notice_text(const Notice *notice, const NoticeFrame *frame)
{
    const Template *template = &templates[notice->kind];
    GString *out = g_string_new(NULL);
    append_text(out, notice, template->text.zh, TRUE);
    append_foot(out, notice, frame, TRUE);
    g_string_append(out, "\n----\n\n");
    append_text(out, notice, template->text.en, FALSE);
    append_foot(out, notice, frame, FALSE);
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
set_fields(GMimeMessage *message, const Notice *notice, const NoticeFrame *frame)
{
    const Template *template = &templates[notice->kind];
    g_autofree char *subject = g_strdup_printf("%s / %s", template->subject.zh, template->subject.en);
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
notice_compose(const Notice *notice, const NoticeFrame *frame, gsize *body_from_out)
{
    g_autofree char *text = notice_text(notice, frame);
    GMimeMessage *message = g_mime_message_new(FALSE);
    GMimeObject *part = text_part(text);
    set_fields(message, notice, frame);
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
