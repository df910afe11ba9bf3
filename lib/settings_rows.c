/* The table of hangu.yaml: one row per setting. The parser, the example file, the manual's table and
 * `hangu check-settings` all come from here. */
#include "config.h"
#include "log.h"
#include "settings.h"
#include "settings_check.h"

#define FIELD(name) G_STRUCT_OFFSET(Settings, name)
#define KIB G_GINT64_CONSTANT(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)

static const YamlWord mode_words[] = {{"observe", MODE_OBSERVE}, {"enforce", MODE_ENFORCE}, {NULL, 0}};
static const YamlWord failure_words[] = {
    {"tempfail", ON_FAILURE_TEMPFAIL}, {"hold", ON_FAILURE_HOLD}, {"accept", ON_FAILURE_ACCEPT}, {NULL, 0}};
static const YamlWord sink_words[] = {{"syslog", LOG_TO_SYSLOG}, {"stderr", LOG_TO_STDERR}, {NULL, 0}};
static const YamlWord level_words[] = {{"error", LOG_LEVEL_ERROR},
                                       {"warn", LOG_LEVEL_WARN},
                                       {"info", LOG_LEVEL_INFO},
                                       {"debug", LOG_LEVEL_DEBUG},
                                       {NULL, 0}};

static const YamlWord stopped_words[] = {
    {"hold", FORWARD_STOPPED_HOLD}, {"discard", FORWARD_STOPPED_DISCARD}, {NULL, 0}};

static const YamlWord walls_words[] = {
    {"required", EXTRACT_WALLS_REQUIRED}, {"available", EXTRACT_WALLS_AVAILABLE}, {NULL, 0}};

static const YamlWord backend_words[] = {{"none", PASSWORDS_NOWHERE},
                                         {"passwd-file", PASSWORDS_FILE},
                                         {"ldap", PASSWORDS_LDAP},
                                         {"sql", PASSWORDS_SQL},
                                         {NULL, 0}};
static const YamlWord scheme_words[] = {
    {"yescrypt", PASSWORDS_YESCRYPT}, {"bcrypt", PASSWORDS_BCRYPT}, {"argon2id", PASSWORDS_ARGON2ID}, {NULL, 0}};

static const YamlRow mail_rows[] = {
    {"local_domains", YAML_ROW_TEXTS, FIELD(local_domains), "[]", .check = check_domain,
     .help_zh = "本单位的域名；前面加点（.unit.example）表示包括其子域。收件人都在这些域内的邮件是内部邮件。",
     .help_en = "The unit's own domains; a dot in front (.unit.example) includes subdomains. A letter whose recipients "
                "are all here is local."},
    {"local_networks", YAML_ROW_TEXTS, FIELD(local_networks), "[127.0.0.0/8, \"::1/128\"]", .check = check_network,
     .help_zh = "不经认证即可发信的内部网段（应与 Postfix 的 mynetworks 一致）。",
     .help_en = "Networks whose clients submit without authentication (as mynetworks of Postfix)."},
    {"recipient_delimiter", YAML_ROW_TEXT, FIELD(recipient_delimiter), "\"+\"", .check = check_separators,
     .help_zh = "地址扩展的分隔符，应与 Postfix 的 recipient_delimiter 一致；\"\" 表示没有。",
     .help_en = "Signs that begin an address extension, as recipient_delimiter of Postfix; \"\" for none."},
    {"authserv_id", YAML_ROW_TEXT, FIELD(authserv_id), .check = check_token,
     .help_zh = "只采信带有此标识的 Authentication-Results 头（本单位自己的验证服务器）；不设则一概不信。",
     .help_en = "Only Authentication-Results headers with this id (your own verifier) are believed; unset: none."},
    {"egress_listener", YAML_ROW_TEXT, FIELD(egress_listener), "egress", .check = check_token,
     .help_zh = "出口 smtpd 的 milter 名称（{daemon_name}）：经过它的邮件一律按发往外部处理。",
     .help_en = "Milter name ({daemon_name}) of the egress smtpd: whatever passes there is on its way out."},
    {"pickup_listener", YAML_ROW_TEXT, FIELD(pickup_listener), "pickup", .check = check_token,
     .help_zh = "本机 sendmail 命令投递的邮件所带的 milter 名称（{daemon_name}）。",
     .help_en = "Milter name ({daemon_name}) of letters submitted by the sendmail command."},
    {"forward_window", YAML_ROW_SECONDS, FIELD(forward_window), "10m", .min = 0, .max = 3600,
     .help_zh = "外来邮件在这段时间内又发往外部、且非本人提交的，按自动转发处理；0 表示不比对。",
     .help_en =
         "A letter that came in and leaves again within this time, without a person having sent it, was forwarded "
         "automatically; 0: not compared."},
    {"forward_stopped", YAML_ROW_ENUM, FIELD(forward_stopped), "hold", .words = stopped_words,
     .help_zh = "出口处截住的自动转发：hold 暂扣（不丢信）；discard 记录后丢弃，仅当本单位邮箱都留存副本时选用。",
     .help_en = "An automatic forward stopped at egress: hold it (nothing is lost), or discard it after the record; "
                "discard only where every mailbox keeps a copy."},
    {"history_days", YAML_ROW_INT, FIELD(history_days), "30", .min = 0, .max = 366,
     .help_zh = "按账号和收件地址统计发往公共邮箱的工作材料，保留这么多天（只存带密钥的摘要和数目）；0 表示不统计。",
     .help_en =
         "Work papers sent to public mailboxes are counted by account and address for so many days (keyed digests "
         "and numbers only); 0: they are not."},
    {"partner_domains", YAML_ROW_TEXTS, FIELD(partner_domains), "[]", .check = check_domain,
     .help_zh = "往来单位的域名，hangu account audit-forwards 单独列出；不因此放行。",
     .help_en = "Domains of partners, which hangu account audit-forwards tells apart; nothing passes by it."},
    {"submission_listeners", YAML_ROW_TEXTS, FIELD(submission_listeners),
     "[submission, submissions, smtps, ORIGINATING]", .check = check_token,
     .help_zh =
         "用户提交邮件的 smtpd 的 milter 名称（{daemon_name}）：在那里不登录、不加密就是账号问题（见 accounts.ask）。",
     .help_en =
         "Milter names ({daemon_name}) of the smtpds where users submit: not to log in or not to use TLS there is "
         "a problem of the account (see accounts.ask)."},
    {NULL},
};

static const YamlRow milter_rows[] = {
    {"socket", YAML_ROW_TEXT, FIELD(socket), "unix:/var/spool/postfix/hangu/milter.sock", .check = check_socket,
     .help_zh = "Postfix 连接的套接字。Unix 套接字应在 Postfix 的 chroot 目录内；inet:端口@主机 每封信要慢约 40 毫秒。",
     .help_en = "Where Postfix connects. A Unix socket belongs inside Postfix's chroot; inet:PORT@HOST costs about "
                "40 ms a letter."},
    {"socket_group", YAML_ROW_TEXT, FIELD(socket_group), "postfix", .check = check_group,
     .help_zh = "可以连接该套接字的系统组；\"\" 表示不改变。", .help_en = "Group that may connect; \"\" leaves it."},
    {"control_socket", YAML_ROW_PATH, FIELD(control_socket), RUNDIR "/milter.control", .check = check_socket_path,
     .help_zh = "hangu status 等命令查询网关所用的套接字。",
     .help_en = "Where hangu status and its like ask the gate."},
    {"spool_dir", YAML_ROW_PATH, FIELD(spool_dir), "/var/spool/hangu",
     .help_zh = "较大邮件的临时加密存放目录；密钥只在内存中。",
     .help_en = "Directory for larger letters while they are looked at, encrypted; the key lives in memory only."},
    {"spool_memory", YAML_ROW_SIZE, FIELD(spool_memory), "1M", .min = 0, .max = 64 * MIB,
     .help_zh = "不超过此大小的邮件只放在内存里，不写磁盘。",
     .help_en = "Letters up to this size stay in memory and never reach the disk."},
    {"inspectors", YAML_ROW_INT, FIELD(inspectors), "0", .min = 0, .max = 256,
     .help_zh = "检查进程数；0 表示取 4 与处理器核数中较大者。其中四分之一（至少一个）不读附件中的文档。",
     .help_en = "Inspecting processes; 0: the larger of 4 and the number of cores. A quarter of them, at least one, "
                "open no document."},
    {"connections", YAML_ROW_INT, FIELD(connections), "500", .min = 1, .max = 10000,
     .help_zh = "同时接受的 Postfix 连接数上限。", .help_en = "At most this many connections from Postfix at once."},
    {"message_size", YAML_ROW_SIZE, FIELD(message_size), "100M", .min = 64 * KIB, .max = 2 * GIB,
     .help_zh = "更大的邮件以 552 拒收；应不小于 Postfix 的 message_size_limit。",
     .help_en = "Larger letters are refused with 552; not below message_size_limit of Postfix."},
    {"deadline_submission", YAML_ROW_SECONDS, FIELD(deadline_submission), "45s", .min = 1, .max = 540,
     .help_zh = "用户提交的邮件最长检查时间；超时按检查不完整处理。",
     .help_en = "Longest time for a letter that a user submits; then it counts as not fully looked at."},
    {"deadline", YAML_ROW_SECONDS, FIELD(deadline), "4m", .min = 1, .max = 540, .help_zh = "其他邮件的最长检查时间。",
     .help_en = "The same for every other letter."},
    {NULL},
};

static const YamlRow limits_rows[] = {
    {"max_depth", YAML_ROW_INT, FIELD(max_depth), "50", .min = 1, .max = 200, .help_zh = "邮件部分的最大嵌套层数。",
     .help_en = "Levels of parts inside parts."},
    {"max_parts", YAML_ROW_INT, FIELD(max_parts), "1000", .min = 1, .max = 100000, .help_zh = "一封邮件的最多部分数。",
     .help_en = "Parts of one letter."},
    {"max_header_bytes", YAML_ROW_SIZE, FIELD(max_header_bytes), "1M", .min = 4 * KIB, .max = 16 * MIB,
     .help_zh = "一个部分的全部邮件头的大小。", .help_en = "All headers of one part together."},
    {"max_part_bytes", YAML_ROW_SIZE, FIELD(max_part_bytes), "64M", .min = 64 * KIB, .max = 2 * GIB,
     .help_zh = "一个部分解码后的大小。", .help_en = "One part, decoded."},
    {"max_text_bytes", YAML_ROW_SIZE, FIELD(max_text_bytes), "256M", .min = 64 * KIB, .max = 8 * GIB,
     .help_zh = "一封邮件所有部分解码后的文字总量。", .help_en = "Text of one letter, all parts, decoded."},
    {"max_hits", YAML_ROW_INT, FIELD(max_hits), "1000000", .min = 10, .max = 10000000,
     .help_zh = "一个部分中规则命中的次数。", .help_en = "Hits of rules in one part."},
    {"max_findings", YAML_ROW_INT, FIELD(max_findings), "200", .min = 1, .max = 10000,
     .help_zh = "一封邮件报告的发现数。", .help_en = "Findings reported for one letter."},
    {NULL},
};

static const YamlRow extract_rows[] = {
    {"socket", YAML_ROW_PATH, FIELD(extract_socket), RUNDIR "/extract.sock", .check = check_socket_path,
     .help_zh = "检查进程向 hangu-extract 索取文档阅读进程所用的套接字。",
     .help_en = "Where inspectors ask hangu-extract for readers of documents and archives."},
    {"program", YAML_ROW_PATH, FIELD(extract_program),
     .help_zh = "hangu-extract 程序的路径；不设则用与本程序同目录的，没有时用安装的。",
     .help_en = "The program hangu-extract; unset: the one beside the program that starts it, else the installed one."},
    {"walls", YAML_ROW_ENUM, FIELD(extract_walls), "required", .words = walls_words,
     .help_zh = "阅读进程必需的隔离（seccomp 等）建不成时：required 不读文档，available 照读不误（不安全）。",
     .help_en = "When the walls that readers need (seccomp and others) cannot be had: required: no document is read; "
                "available: documents are read all the same, which is dangerous."},
    {"stock", YAML_ROW_INT, FIELD(extract_stock), "2", .min = 1, .max = 64, .help_zh = "预备好的阅读进程数。",
     .help_en = "Readers that are kept ready."},
    {"most", YAML_ROW_INT, FIELD(extract_most), "16", .min = 1, .max = 1024,
     .help_zh = "阅读进程最多的个数，不小于 stock；都在忙时后来者等待。",
     .help_en = "Readers at most, not below stock; when all are busy, others wait."},
    {"memory", YAML_ROW_SIZE, FIELD(extract_memory), "512M", .min = 64 * MIB, .max = 64 * GIB,
     .help_zh = "一个阅读进程的地址空间。", .help_en = "Address space of one reader."},
    {"cpu", YAML_ROW_SECONDS, FIELD(extract_cpu), "30s", .min = 1, .max = 540,
     .help_zh = "读一个附件最多可用的处理器时间；超过时该附件记为只读了一部分。",
     .help_en = "Processor time for one attachment; over it the attachment counts as read in part."},
    {"letter", YAML_ROW_SECONDS, FIELD(extract_letter), "90s", .min = 1, .max = 540,
     .help_zh = "读一封邮件的全部附件最多可用的时间；超过时其余附件记为只读了一部分。",
     .help_en = "Time for all attachments of one letter together; over it the others count as read in part."},
    {"max_depth", YAML_ROW_INT, FIELD(extract_max_depth), "8", .min = 1, .max = 100,
     .help_zh = "压缩包套压缩包的最大层数。", .help_en = "Levels of archives inside archives."},
    {"max_bytes", YAML_ROW_SIZE, FIELD(extract_max_bytes), "256M", .min = 64 * KIB, .max = 8 * GIB,
     .help_zh = "一个附件内全部文件解压后的总量。", .help_en = "All that lies inside one attachment, unpacked."},
    {"letter_bytes", YAML_ROW_SIZE, FIELD(extract_letter_bytes), "1G", .min = 64 * KIB, .max = 64 * GIB,
     .help_zh = "一封邮件的全部附件解压后的总量；超过时其余附件记为只读了一部分。",
     .help_en = "The same for all attachments of one letter together; over it the others count as read in part."},
    {NULL},
};

static const YamlRow accounts_rows[] = {
    {"ask", YAML_ROW_BOOL, FIELD(accounts_ask), "no",
     .help_zh = "网关是否就每次提交向 hangu-authd 查询账号；须先运行 hangu-authd。",
     .help_en = "Whether the gate asks hangu-authd about the account of each submission; hangu-authd must run."},
    {"socket", YAML_ROW_PATH, FIELD(accounts_socket), RUNDIR "/authd.sock", .check = check_socket_path,
     .help_zh = "查询和管理台账所用的套接字。",
     .help_en = "Where hangu-authd is asked about accounts and told of changes."},
    {"group", YAML_ROW_TEXT, FIELD(accounts_group), "hangu", .check = check_group,
     .help_zh = "除 root 外可以查询和改动台账的系统组；\"\" 表示没有。",
     .help_en = "Group that may ask and change, besides root; \"\" for none."},
    {"login_group", YAML_ROW_TEXT, FIELD(accounts_login_group), "\"\"", .check = check_group,
     .help_zh = "登录程序（hangu-otp-login）所属、可以询问一次性口令的系统组，例如 hangu-login；\"\" 表示不提供。",
     .help_en =
         "Group of the login program (hangu-otp-login) that may ask whether one-time codes are good, hangu-login "
         "for instance; \"\" for nobody."},
    {"login_socket", YAML_ROW_PATH, FIELD(accounts_login_socket), RUNDIR "-login/authd.sock",
     .check = check_socket_path, .help_zh = "登录程序询问一次性口令的套接字；设了 login_group 才有。",
     .help_en = "Where it asks; there is none without login_group."},
    {"database", YAML_ROW_PATH, FIELD(accounts_database),
     .help_zh = "台账数据库；不设则为 state 目录下的 authd/accounts.db。",
     .help_en = "Database of the register of accounts; unset: \"authd/accounts.db\" below state."},
    {"weak_mechanisms", YAML_ROW_TEXTS, FIELD(accounts_weak_mechanisms), "[CRAM-MD5, DIGEST-MD5, NTLM]",
     .check = check_token, .help_zh = "算作过弱的 SASL 认证方式。",
     .help_en = "SASL mechanisms that count as too weak."},
    {"policy_listen", YAML_ROW_TEXT, FIELD(accounts_policy_listen), "\"127.0.0.1:4001\"", .check = check_listen,
     .help_zh = "Dovecot 询问认证策略（auth-policy）的本机地址和端口；\"\" 表示不提供。",
     .help_en = "Address and port on this machine where Dovecot asks the auth policy; \"\" for nowhere."},
    {"lock_after", YAML_ROW_INT, FIELD(accounts_lock_after), "3", .min = 1, .max = 32,
     .help_zh = "同一账号在同一网段输错这么多个不同密码后锁定。",
     .help_en = "An account is locked on a network after so many different wrong passwords from it."},
    {"lock_everywhere", YAML_ROW_INT, FIELD(accounts_lock_everywhere), "10", .min = 1, .max = 32,
     .help_zh = "同一账号在生疏网段合计输错这么多个密码后，在所有生疏网段锁定；常用网段不受影响。",
     .help_en = "An account is locked on all networks that are not known good after so many from these together."},
    {"lock_network", YAML_ROW_INT, FIELD(accounts_lock_network), "20", .min = 2, .max = 250,
     .help_zh = "一小时内同一网段有这么多个账号输错密码后，锁定该网段半小时；常用该网段的账号不受影响。",
     .help_en = "A network is locked for half an hour after so many accounts failed from it within an hour; accounts "
                "for which it is known good are not."},
    {"network_v4", YAML_ROW_INT, FIELD(accounts_network_v4), "24", .min = 8, .max = 32,
     .help_zh = "IPv4 网段的前缀位数。", .help_en = "Bits of an IPv4 address that are its network."},
    {"network_v6", YAML_ROW_INT, FIELD(accounts_network_v6), "48", .min = 16, .max = 128,
     .help_zh = "IPv6 网段的前缀位数。", .help_en = "Bits of an IPv6 address that are its network."},
    {"many_networks", YAML_ROW_INT, FIELD(accounts_many_networks), "3", .min = 1, .max = 30,
     .help_zh = "一小时内同一账号从更多网段登录即告警。",
     .help_en = "An account that logs in from more networks than this within an hour is an alert."},
    {"home_networks", YAML_ROW_TEXTS, FIELD(accounts_home_networks), "[]", .check = check_network,
     .help_zh = "单位和本国的网段；设了，从别处登录即为境外或异常，告警。",
     .help_en = "Networks of the unit and its country; if there are any, a login from elsewhere is foreign, an alert."},
    {"work_hours", YAML_ROW_TEXT, FIELD(accounts_work_hours), "\"06:00-23:00\"", .check = check_hours,
     .help_zh = "通常的登录时段；此外从生疏网段登录或提交邮件即告警；\"\" 表示不看时间。",
     .help_en = "Usual hours; a login outside them from a network that is not known good, or to send, is an alert; "
                "\"\" for any hour."},
    {"grace", YAML_ROW_INT, FIELD(accounts_grace_days), "7", .min = 0, .max = 365,
     .help_zh = "密码被查出过弱或到期后，再过这么多天才拒绝（所在组为 enforce 时）；其间提醒。",
     .help_en = "Days after a password was found weak or has expired before it is refused (where the group is at "
                "enforce); until then its owner is told."},
    {"warn", YAML_ROW_TEXTS, FIELD(accounts_warn), "[14, 7, 3, 1]", .check = check_days,
     .help_zh = "密码到期前这么多天记录并提醒，活动期限前也一样。",
     .help_en =
         "Days before a password expires, or before the deadline of a campaign, on which that is recorded and its "
         "owner is told."},
    {"sweep", YAML_ROW_TEXT, FIELD(accounts_sweep), "\"07:30\"", .check = check_time_of_day,
     .help_zh = "每天在这个时刻查看密码年龄、换密码活动和将到期的授权、例外、登记。",
     .help_en =
         "Time of day at which ages of passwords, campaigns and what ends (delegations, exceptions, registrations) "
         "are looked at."},
    {"calendar", YAML_ROW_PATH, FIELD(accounts_calendar),
     .help_zh = "工作日历：节假日和调休上班日，样例随软件安装（workdays.conf）；不设则只知道周末。",
     .help_en =
         "Calendar of holidays and make-up workdays, an example is installed (workdays.conf); unset: only weekends "
         "are known."},
    {"words", YAML_ROW_PATH, FIELD(accounts_words), .help_zh = "另外要试的弱密码表，每行一个；不设则没有。",
     .help_en = "More weak passwords to try, one a line; unset: none."},
    {"dovecot_config", YAML_ROW_PATH, FIELD(accounts_dovecot_config),
     .help_zh = "doveconf 检查的 Dovecot 配置；不设则为其默认配置。",
     .help_en = "Configuration of Dovecot that doveconf is asked about; unset: its own."},
    {NULL},
};

static const YamlRow passwords_rows[] = {
    {"backend", YAML_ROW_ENUM, FIELD(passwords_backend), "none", .words = backend_words,
     .help_zh = "hangu passwd 和 hangu-passwd-service 把密码的散列值存到哪里；none：每次用 --file 或 --command 指明。",
     .help_en =
         "Where hangu passwd and hangu-passwd-service store hashes of passwords; none: --file or --command says."},
    {"scheme", YAML_ROW_ENUM, FIELD(passwords_scheme), "yescrypt", .words = scheme_words,
     .help_zh = "散列方案；argon2id 仅在 Dovecot 自己读取散列值时适用。",
     .help_en = "How they are made; argon2id only where Dovecot itself reads the hash."},
    {"file", YAML_ROW_PATH, FIELD(passwords_file), .help_zh = "Dovecot 的 passwd-file。",
     .help_en = "Dovecot's passwd-file."},
    {"ldap_uri", YAML_ROW_TEXT, FIELD(passwords_ldap_uri), .check = check_ldap,
     .help_zh = "LDAP 服务器：ldapi:///、ldaps://主机 或 ldap://主机。",
     .help_en = "The LDAP server: ldapi:///, ldaps://HOST or ldap://HOST."},
    {"ldap_starttls", YAML_ROW_BOOL, FIELD(passwords_ldap_starttls), "yes",
     .help_zh = "ldap:// 先用 StartTLS 加密；除本机测试外不要关闭。",
     .help_en = "ldap:// is encrypted by StartTLS first; no is for trying out on this machine."},
    {"ldap_ca", YAML_ROW_PATH, FIELD(passwords_ldap_ca), .help_zh = "信任的 CA 证书文件；不设则用系统的。",
     .help_en = "File of trusted CA certificates; unset: the system's."},
    {"ldap_bind", YAML_ROW_TEXT, FIELD(passwords_ldap_bind), .help_zh = "绑定用的 DN，须能读写密码属性。",
     .help_en = "DN to bind as; it must be able to read and write the passwords."},
    {"ldap_password_file", YAML_ROW_PATH, FIELD(passwords_ldap_password_file),
     .help_zh = "存放该 DN 密码的文件，一行，他人不可读。",
     .help_en = "File with its password, one line, not readable by others."},
    {"ldap_base", YAML_ROW_TEXT, FIELD(passwords_ldap_base), .help_zh = "在此 DN 之下查找账号。",
     .help_en = "DN below which accounts are looked for."},
    {"ldap_filter", YAML_ROW_TEXT, FIELD(passwords_ldap_filter), "\"(mail=%u)\"", .check = check_account_filter,
     .help_zh = "账号的过滤式；%u 代表账号。", .help_en = "Filter that finds an account; %u is the account."},
    {"ldap_attribute", YAML_ROW_TEXT, FIELD(passwords_ldap_attribute), "userPassword", .check = check_token,
     .help_zh = "存放散列值的属性。", .help_en = "Attribute that holds the hash."},
    {"sql_connection", YAML_ROW_TEXT, FIELD(passwords_sql_connection),
     .help_zh = "ODBC 连接串，不含密码，例如 \"DSN=mail\"。",
     .help_en = "Connection string of ODBC without the password, \"DSN=mail\"."},
    {"sql_password_file", YAML_ROW_PATH, FIELD(passwords_sql_password_file),
     .help_zh = "数据库密码文件，一行，他人不可读；不设则不用密码。",
     .help_en = "File with the database's password, one line, not readable by others; unset: none."},
    {"sql_select", YAML_ROW_TEXT, FIELD(passwords_sql_select), .check = check_select,
     .help_zh = "读出现有散列值的语句，一个 ? 代表账号。",
     .help_en = "Statement that reads the present hash, with one ? for the account."},
    {"sql_update", YAML_ROW_TEXT, FIELD(passwords_sql_update), .check = check_update,
     .help_zh = "写入新散列值的语句，第一个 ? 代表散列值，第二个代表账号。",
     .help_en = "Statement that stores a new one, the first ? for the hash, the second for the account."},
    {"sessions_url", YAML_ROW_TEXT, FIELD(passwords_sessions_url), .check = check_loopback_url,
     .help_zh = "Dovecot 的 doveadm HTTP 接口；设了，改密码后结束该账号的全部会话。",
     .help_en = "Dovecot's doveadm over HTTP; if set, all sessions of an account end when its password is changed."},
    {"sessions_key_file", YAML_ROW_PATH, FIELD(passwords_sessions_key_file),
     .help_zh = "存放 doveadm_api_key 的文件，一行，他人不可读。",
     .help_en = "File with doveadm_api_key, one line, not readable by others."},
    {NULL},
};

static const YamlRow passwd_service_rows[] = {
    {"listen", YAML_ROW_TEXT, FIELD(passwd_service_listen), "\"\"", .check = check_door,
     .help_zh = "网页邮箱在此请求改密码：unix:/路径 或本机地址:端口；\"\" 表示不提供。",
     .help_en =
         "Where webmail asks for a new password: unix:/PATH, or address and port on this machine; \"\": nowhere."},
    {"group", YAML_ROW_TEXT, FIELD(passwd_service_group), "\"\"", .check = check_group,
     .help_zh = "可以连接该套接字的系统组，例如 www-data。",
     .help_en = "System group that may connect to the socket, such as www-data."},
    {"key_file", YAML_ROW_PATH, FIELD(passwd_service_key_file),
     .help_zh = "与网页邮箱共享的密钥文件，一行；用端口时必须有。",
     .help_en = "File with a secret shared with webmail, one line; with a port there must be one."},
    {"user", YAML_ROW_TEXT, FIELD(passwd_service_user), "hangu-passwd", .check = check_token,
     .help_zh = "服务的系统用户；hangu-authd 只答复它和 root 关于密码的询问。",
     .help_en = "System user of the service; hangu-authd answers only it and root about passwords."},
    {"tries", YAML_ROW_INT, FIELD(passwd_service_tries), "5", .min = 1, .max = 1000,
     .help_zh = "同一账号十分钟内最多的请求数。", .help_en = "Requests for one account in ten minutes."},
    {"all", YAML_ROW_INT, FIELD(passwd_service_all), "60", .min = 1, .max = 100000, .help_zh = "一分钟内的请求总数。",
     .help_en = "All requests in a minute."},
    {NULL},
};

static const YamlRow notices_rows[] = {
    {"send", YAML_ROW_BOOL, FIELD(notices_send), "yes",
     .help_zh = "是否给本单位的人发通知：账号被拒或将被拒、邮件被暂扣、自动转发被阻止、密码将到期等。试运行时不发账号和"
                "暂扣通知。",
     .help_en = "Whether people of this house are written to: an account refused or warned, a letter held, a forward "
                "stopped, a password about to expire. While the gate observes, not of accounts and held letters."},
    {"smtp", YAML_ROW_TEXT, FIELD(notices_smtp), "127.0.0.1:25", .check = check_server,
     .help_zh = "接收通知的本单位邮件服务器，地址:端口；不加密，应在本机。",
     .help_en = "This house's mail server that takes them, HOST:PORT; unencrypted, so on this machine."},
    {"from", YAML_ROW_TEXT, FIELD(notices_from), .check = check_mailbox,
     .help_zh = "通知的发件人地址；不设则为第一个本单位域名的 postmaster。",
     .help_en = "Address that notices are from; unset: postmaster at the first of mail.local_domains."},
    {"phone", YAML_ROW_TEXT, FIELD(notices_phone), .check = check_name, .help_zh = "写在通知里的联系电话。",
     .help_en = "Telephone number that notices name."},
    {"officers", YAML_ROW_TEXTS, FIELD(notices_officers), "[]", .check = check_mailbox,
     .help_zh = "除台账中的经办人以外，还要告知的保密员邮箱。",
     .help_en = "Mailboxes of officers who are told, besides those that the register of accounts names."},
    {"each", YAML_ROW_INT, FIELD(notices_each), "3", .min = 1, .max = 1000,
     .help_zh = "一天内最多发给同一人的通知封数；同样的情况合并，一直没有处理的每天只通知一次并写明次数。",
     .help_en =
         "Letters to one person in a day: equal things are one, what nobody acted on is told once a day with how "
         "often it happened."},
    {"each_officer", YAML_ROW_INT, FIELD(notices_each_officer), "16", .min = 1, .max = 1000,
     .help_zh = "一天内最多发给同一保密员的通知封数；其余写在下一封里。",
     .help_en = "Letters to one officer in a day; the rest comes in the next one."},
    {"pause", YAML_ROW_SECONDS, FIELD(notices_pause), "1h", .min = 0, .max = 86400,
     .help_zh = "给同一人的两封通知至少间隔这么久，接连不断时逐次加倍，其间的事合为一封；给保密员的间隔从四分之一起。0 "
                "表示每件事立即通知。",
     .help_en = "Between two letters to one person, twice and four times as long if they go on; what happens meanwhile "
                "is one letter. An officer's begin at a quarter. 0: each thing at once."},
    {"all", YAML_ROW_INT, FIELD(notices_all), "500", .min = 1, .max = 100000,
     .help_zh = "一小时内通知的总封数上限，其余顺延。", .help_en = "All notices in an hour; the rest waits."},
    {NULL},
};

static const YamlRow rule_set_rows[] = {
    {"directory", YAML_ROW_PATH, FIELD(rule_sets_dir),
     .help_zh = "保存曾经生效的规则、策略和设置的目录（供 hangu check --ruleset 重演）；不设则为 state 目录下的 "
                "milter/rulesets。",
     .help_en = "Directory of rules, policies and settings that were in force, for hangu check --ruleset; unset: "
                "\"milter/rulesets\" below state."},
    {"most", YAML_ROW_INT, FIELD(rule_sets_most), "200", .min = 0, .max = 10000,
     .help_zh = "最多保存的规则集个数，先删最旧的；0 表示不保存。",
     .help_en = "Rule sets kept at most, the oldest go first; 0: none are kept."},
    {"days", YAML_ROW_INT, FIELD(rule_sets_days), "1100", .min = 1, .max = 36500,
     .help_zh = "规则集停用后再保存的天数。", .help_en = "Days that a rule set stays after it went out of force."},
    {"papers", YAML_ROW_SIZE, FIELD(rule_sets_papers), "1G", .min = 0, .max = 1024 * GIB,
     .help_zh = "曾经生效的登记文件指纹库（每次变更一份）保存的总量，先删最旧的；0 表示不保存。",
     .help_en =
         "Registers of papers that were in force, one for each change, all together; the oldest go first; 0: none."},
    {"keys", YAML_ROW_TEXTS, FIELD(rule_sets_keys), "[]", .check = check_absolute,
     .help_zh = "可信公钥文件（hangu rules keygen 生成的 .pub）；设了就只加载由其一签名的规则。",
     .help_en = "Files of trusted public keys (.pub of hangu rules keygen); if there are any, only rules that one of "
                "them signed are loaded."},
    {"rollback", YAML_ROW_BOOL, FIELD(rule_sets_rollback), "no", .help_zh = "允许加载比曾经生效的更旧的已签名版本。",
     .help_en = "Whether a signed version older than one that was in force may be loaded."},
    {NULL},
};

static const YamlRow ledger_rows[] = {
    {"socket", YAML_ROW_PATH, FIELD(ledger_socket), RUNDIR "/ledger.sock", .check = check_socket_path,
     .help_zh = "hangu-ledger 接收记录的套接字。", .help_en = "Where hangu-ledger takes records."},
    {"directory", YAML_ROW_PATH, FIELD(ledger_dir), STATEDIR "/ledger",
     .help_zh = "审计日志目录；不设则为 state 目录下的 ledger。",
     .help_en = "Directory of the audit log; unset: \"ledger\" below state."},
    {"file_size", YAML_ROW_SIZE, FIELD(ledger_file_size), "64M", .min = 64 * KIB, .max = 16 * GIB,
     .help_zh = "一个日志文件到此大小后换新文件，链不断。",
     .help_en = "A new file begins after so many bytes; the chain goes on."},
    {"timeout", YAML_ROW_SECONDS, FIELD(ledger_timeout), "20s", .min = 1, .max = 300,
     .help_zh = "网关等待记录落盘的时间；过时则按 on_failure 处理该邮件。",
     .help_en = "How long the gate waits until the record is on disk; then on_failure applies to the letter."},
    {"group", YAML_ROW_TEXT, FIELD(ledger_group), "hangu", .check = check_group,
     .help_zh = "可以写入记录的系统组；\"\" 表示不改变。", .help_en = "Group that may append; \"\" leaves it."},
    {NULL},
};

static const YamlRow log_rows[] = {
    {"sink", YAML_ROW_ENUM, FIELD(log_sink), "syslog", .words = sink_words,
     .help_zh = "运行日志写到哪里：syslog（mail 类）或标准错误。",
     .help_en = "Where log lines go: syslog (facility mail) or standard error."},
    {"level", YAML_ROW_ENUM, FIELD(log_level), "info", .words = level_words,
     .help_zh = "写到哪一级为止。日志中从不出现主题、文件名和正文。",
     .help_en = "Down to which level. A subject, a file name or text of a letter is never logged."},
    {NULL},
};

static const YamlRow top_rows[] = {
    {"unit", YAML_ROW_TEXT, FIELD(unit), "default", .check = check_name,
     .help_zh = "单位名称或代号，写入每条审计记录。",
     .help_en = "Name or code of the unit; it is written into every record."},
    {"mode", YAML_ROW_ENUM, FIELD(mode), "observe", .words = mode_words,
     .help_zh = "observe 试运行：照常判断和记录，但不拒收、不暂扣、不改动任何邮件。enforce 正式运行。",
     .help_en = "observe: every letter is judged and recorded, none is refused, held or changed. enforce: decisions "
                "are carried out."},
    {"on_failure", YAML_ROW_ENUM, FIELD(on_failure), "tempfail", .words = failure_words,
     .help_zh = "网关自身出错、无法得出结论时：tempfail 请对方稍后重试，hold 暂扣待审；accept 放行，只可与 mode: "
                "observe 同用。",
     .help_en = "When the gate itself fails and there is no verdict: tempfail (try again later), hold, or, only with "
                "mode: observe, accept."},
    {"policy", YAML_ROW_PATH, FIELD(policy_file), SYSCONFDIR "/policy.yaml", .help_zh = "处置策略文件。",
     .help_en = "The policy: what happens to which letter."},
    {"rules", YAML_ROW_PATH, FIELD(rules_dir), PKGDATADIR "/packs", .help_zh = "检测规则包所在目录。",
     .help_en = "Directory of the rule packs."},
    {"fingerprints", YAML_ROW_PATH, FIELD(papers_file),
     .help_zh = "登记文件的指纹库（hangu fingerprint），密钥在其旁（.key）；不设则为 state 目录下的 milter/papers。",
     .help_en =
         "Register of papers (hangu fingerprint), its key beside it (.key); unset: \"milter/papers\" below state."},
    {"cache", YAML_ROW_PATH, FIELD(cache_dir), CACHEDIR, .help_zh = "已编译规则的缓存目录，可随时清空。",
     .help_en = "Directory of compiled rules; it may be emptied at any time."},
    {"state", YAML_ROW_PATH, FIELD(state_dir), STATEDIR, .help_zh = "密钥等须备份的数据的目录。",
     .help_en = "Directory of keys and other data worth a backup."},
    {"mail", YAML_ROW_MAP, .rows = mail_rows, .help_zh = "—— 哪些邮件是自己的 ——",
     .help_en = "-- which mail is ours --"},
    {"milter", YAML_ROW_MAP, .rows = milter_rows, .help_zh = "—— 网关 hangu-milter ——",
     .help_en = "-- the gate, hangu-milter --"},
    {"limits", YAML_ROW_MAP, .rows = limits_rows,
     .help_zh = "—— 检查的上限：超过的部分记为“检查不完整”，由策略决定去留，邮件本身继续处理 ——",
     .help_en = "-- limits: a part over one of them counts as partly looked at, and policy decides --"},
    {"extract", YAML_ROW_MAP, .rows = extract_rows,
     .help_zh = "—— 文档和压缩包的阅读进程 hangu-extract：超限的附件记为“检查不完整”或“无法读取” ——",
     .help_en = "-- readers of documents and archives, hangu-extract: over a limit an attachment is partial or "
                "unreadable --"},
    {"accounts", YAML_ROW_MAP, .rows = accounts_rows, .help_zh = "—— 账号台账 hangu-authd ——",
     .help_en = "-- the register of accounts, hangu-authd --"},
    {"passwords", YAML_ROW_MAP, .rows = passwords_rows, .help_zh = "—— 改密码：散列值存在哪里 ——",
     .help_en = "-- changing passwords: where their hashes are stored --"},
    {"passwd_service", YAML_ROW_MAP, .rows = passwd_service_rows,
     .help_zh = "—— 供网页邮箱改密码 hangu-passwd-service ——",
     .help_en = "-- changing passwords from webmail, hangu-passwd-service --"},
    {"notices", YAML_ROW_MAP, .rows = notices_rows, .help_zh = "—— 给本单位的人的通知 ——",
     .help_en = "-- letters to people of this house --"},
    {"rule_sets", YAML_ROW_MAP, .rows = rule_set_rows, .help_zh = "—— 曾经生效的规则集 ——",
     .help_en = "-- rule sets that were in force --"},
    {"ledger", YAML_ROW_MAP, .rows = ledger_rows, .help_zh = "—— 审计日志 hangu-ledger ——",
     .help_en = "-- the audit log, hangu-ledger --"},
    {"log", YAML_ROW_MAP, .rows = log_rows, .help_zh = "—— 运行日志 ——",
     .help_en = "-- what the programs tell their administrator --"},
    {NULL},
};

const YamlRow *
settings_rows(void)
{
    return top_rows;
}
