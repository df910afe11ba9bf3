/* Templates of notices. A clerk reads them: no word that only a mail administrator knows. */
#include "config.h"
#include "notice_words.h"

static const NoticeWords templates[NOTICE_KINDS] = {
    [NOTICE_REFUSED] = {"refused",
                        {"您的邮件没有发出去", "Your letter was not sent"},
                        {"您有一封邮件没有发出去，收件人没有收到。\n原因：{problem}\n请这样做：{advice}"
                         "\n办好以后，请把这封邮件重新发送一次。",
                         "A letter of yours was not sent; nobody has received it.\nWhy: {problem}\nWhat to do: "
                         "{advice}\nThen send the "
                         "letter again."}},
    [NOTICE_WARNED] = {"warned",
                       {"请尽快处理：不处理将不能发信", "Please act, or you will not be able to send"},
                       {"您的邮件这次照常发出去了，但是有一个问题。不处理的话，以后邮件就发不出去了。\n问题：{problem}"
                        "\n请这样做：{advice}",
                        "Your letter was sent this time, but something is wrong. If it stays so, your letters will be "
                        "refused.\nWhat: "
                        "{problem}\nWhat to do: {advice}"}},
    [NOTICE_HELD] =
        {"held",
         {"您的邮件正在等待审核", "Your letter waits for review"},
         {"您发送的邮件要先由本单位保密员审核，还没有发给收件人。\n请不要重新发送，也不要改用其他办法发送。审核通过后它"
          "会自动"
          "发出，您不用再做什么。\n急用请打电话，并报记录编号。",
          "A letter that you sent must first be reviewed by the security officer of your unit; nobody has received it "
          "yet.\nPlease do not send it again, nor by another way. Once it is approved it leaves by itself.\nIf it is "
          "urgent, call and give the record number."}},
    [NOTICE_STOPPED] =
        {"stopped",
         {"您的邮件没有发出去：内容不能用邮件发送", "Your letter was not sent: its content may not go by e-mail"},
         {"您有一封邮件被拦下，没有发出去，收件人没有收到。\n原因：邮件或附件里有不能用本邮箱发送的内容，例如密级标志。"
          "\n请不要重新发送，"
          "不要去掉标志再发，也不要改用其他邮箱或其他办法发送。\n请马上打电话告诉本单位保密员，并报记录编号。",
          "A letter of yours was stopped and not sent; nobody has received it.\nWhy: the letter or an attachment has "
          "content that may not be sent from this mailbox, for instance a classification mark.\nPlease do not send it "
          "again, do not take the mark away, and do not use another mailbox or another way.\nCall the security officer "
          "of your unit at once and give the record number."}},
    [NOTICE_FORWARD_STOPPED] =
        {"forward-stopped",
         {"您邮箱的自动转发被拦下", "An automatic forward of your mailbox was stopped"},
         {"您的邮箱会把收到的邮件自动转发到单位外面（{to}"
          "），这是不允许的。转发的邮件已被拦下，没有出单位。\n请在邮箱设置里删除自动"
          "转发；不会删除、或者在邮箱里找不到原来的邮件，请打电话，并报记录编号。\n如果自动转发不是您设置的，请马上打电"
          "话。",
          "Your mailbox forwards letters automatically to an address outside ({to}), which is not allowed. What was "
          "forwarded has been stopped and has not left.\nPlease remove the forwarding from your mailbox's settings; if "
          "you do not know how, or do not find the letter in your mailbox, call and give the record number.\nIf it was "
          "not you who set it up, call at once."}},
    [NOTICE_PASSWORD_EXPIRES] =
        {"password-expires",
         {"您的邮箱密码将要到期", "The password of your mailbox expires soon"},
         {"您的邮箱密码用得太久，从 {date} "
          "起将不能用它登录和发信。\n请在此之前按平时的办法更换密码。手机、电脑里保存的旧密码也"
          "请一起改过来。",
          "The password of your mailbox is getting old: from {date} on you can neither log in nor send with "
          "it.\nPlease "
          "change it before that day, in the way you always do, and also where your telephone or computer has it "
          "saved."}},
    [NOTICE_PASSWORD_WEAK] =
        {"password-weak",
         {"您的邮箱密码太简单", "The password of your mailbox is too simple"},
         {"您的邮箱密码容易被人猜到，从 {date} "
          "起将不能用它登录和发信。\n请在此之前按平时的办法更换密码。新密码不要用姓名、单位、"
          "生日、电话或键盘上连着的键。",
          "The password of your mailbox is easy to guess: from {date} on you can neither log in nor send with "
          "it.\nPlease "
          "change it before that day, in the way you always do. Take no name, unit, birthday, telephone number or row "
          "of keys."}},
    [NOTICE_PASSWORD_EXPIRED] =
        {"password-expired",
         {"您的邮箱密码已到期", "The password of your mailbox has expired"},
         {"您的邮箱密码应在 {date} 以前更换，现已到期。\n请立即按平时的办法更换密码；不更换的话，将不能登录和发信。",
          "The password of your mailbox was to be changed by {date} and has expired.\nPlease change it at once, in the "
          "way you always do; otherwise you can neither log in nor send."}},
    [NOTICE_PASSWORD_CAMPAIGN] =
        {"password-campaign",
         {"请更换您的邮箱密码", "Please change the password of your mailbox"},
         {"本单位正在组织更换邮箱密码。请最迟在 {date} 当天按平时的办法更换；逾期未换的，按密码到期处理。"
          "\n新密码不要用姓名、单位、生日、电话或连续的键，也不要用以前用过的。",
          "The passwords of the mailboxes of your unit are being changed. Please change yours on {date} at the latest, "
          "in the way you always do; after that it counts as expired.\nTake no name, unit, birthday, telephone number "
          "or row of keys, and none that you had before."}},
    [NOTICE_LOCKED] =
        {"locked",
         {"您的邮箱因输错密码被锁定", "Your mailbox is locked after wrong passwords"},
         {"有人多次用错误的密码登录您的邮箱，系统已不让从那里登录。\n解除时间：{until}"
          "\n如果是您自己输错的，请等到解除以后再用正确的"
          "密码登录；手机、电脑里保存的旧密码也请改过来。\n如果不是您，请马上打电话。",
          "Somebody tried several wrong passwords for your mailbox; logging in from there is locked.\nUntil: "
          "{until}\nIf it "
          "was you, wait until then and log in with the right password, and change it where your telephone or computer "
          "has the old one saved.\nIf it was not you, call at once."}},
    [NOTICE_OFFICER_REFUSED] = {"officer-refused",
                                {"有账号发信被拒绝", "Accounts were refused"},
                                {"下列账号发信被拒绝。有邮箱的，已告知本人；请督促处理。\n原因：{problem}",
                                 "These accounts were refused when they sent a letter. Owners who have a mailbox have "
                                 "been told; please see to "
                                 "it that they act.\nWhy: {problem}"}},
    [NOTICE_OFFICER_WARNED] =
        {"officer-warned",
         {"有账号存在问题，邮件已放行", "Accounts have a problem; their letters went out"},
         {"下列账号存在问题。所在的组处于提醒阶段，邮件已放行；正式执行后将被拒绝。有邮箱的，已提醒本人；请督促处理。\n"
          "问题："
          "{problem}",
          "These accounts have a problem. Their group is being warned, so their letters went out; once that ends they "
          "will be refused. Owners who have a mailbox have been told; please see to it that they act.\nWhat: "
          "{problem}"}},
    [NOTICE_OFFICER_FORWARD] = {"officer-forward",
                                {"自动转发已被拦下", "Automatic forwards were stopped"},
                                {"下列账号的邮箱向单位外面自动转发邮件，已被拦下，没有出单位。请督促删除自动转发。",
                                 "The mailboxes of these accounts forward letters automatically to addresses outside. "
                                 "That was stopped. Please "
                                 "see to it that the forwarding is removed."}},
    [NOTICE_OFFICER_ENDINGS] =
        {"officer-endings",
         {"账号的授权或登记即将到期", "Permissions or registrations of accounts end"},
         {"您负责的账号有 {count} 项即将到期或刚刚到期：代发授权 {delegations} 项，例外 {exceptions} 项，待补批登记 "
          "{registrations} 项。\n最早的是账号 {account}，{date}。\n需要延长的请按规定办理审批；待补批的账号过期后不能"
          "发信。",
          "Of the accounts you are in charge of, {count} matters end soon or have just ended: delegations "
          "{delegations}, exceptions {exceptions}, registrations to be approved {registrations}.\nThe first is of the "
          "account {account}, on {date}.\nWhat is to go on has to be approved again; an account whose registration was "
          "not made up cannot send afterwards."}},
};

static const struct {
    NoticeText problem, advice;
} problems[SUBMITTER_PROBLEMS] = {
    {{"邮箱密码太简单，容易被人猜到。", "the password of the mailbox is easy to guess."},
     {"按平时的办法更换密码。", "change the password, in the way you always do."}},
    {{"邮箱密码用得太久，已过期。", "the password of the mailbox is too old and has expired."},
     {"按平时的办法更换密码。", "change the password, in the way you always do."}},
    {{"这个账号没有登记，或还没有批准。", "the account is not registered or not yet approved."},
     {"请本部门经办人办理邮箱登记。", "ask the person in charge in your department to have the mailbox registered."}},
    {{"这是管理员账号，不能用来发信。", "this is an administrator's account, which may not send letters."},
     {"改用您自己的邮箱发送。", "send from your own mailbox."}},
    {{"账号因多次输错密码已锁定。", "the account is locked after several wrong passwords."},
     {"等一段时间再试；急用请打电话。", "wait a while and try again; if it is urgent, call."}},
    {{"账号已停用。", "the account is suspended."},
     {"请打电话联系本单位保密员。", "call the security officer of your unit."}},
    {{"账号已注销。", "the account is closed."},
     {"请打电话联系本单位保密员。", "call the security officer of your unit."}},
    {{"邮件软件与邮件系统之间没有加密。", "the mail program does not encrypt its connection."},
     {"在邮件软件的发信设置中打开“SSL/TLS”或“加密连接”；不会设置请打电话。",
      "switch on SSL/TLS or \"encrypted connection\" in the sending settings of the mail program; if you do not know "
      "how, "
      "call."}},
    {{"发信前没有登录。", "nobody logged in before sending."},
     {"在邮件软件的发信设置中选择“服务器要求身份验证”；不会设置请打电话。",
      "choose \"the server requires a login\" in the mail program; if you do not know how, call."}},
    {{"邮件软件的登录方式不安全。", "the mail program's way of logging in is not safe."},
     {"在邮件软件的发信设置中改用“普通密码”，并打开“SSL/TLS”；不会设置请打电话。",
      "choose \"normal password\" and switch on SSL/TLS in the mail program; if you do not know how, call."}},
    {{"密码没有加密就发出来了，可能已被人看到。", "the password was sent without encryption and may have been seen."},
     {"先在邮件软件中打开“SSL/TLS”，再更换密码；不会设置请打电话。",
      "switch on SSL/TLS in the mail program, then change the password; if you do not know how, call."}},
    {{"发件人地址不是您的。", "the sender's address is not yours."},
     {"改用您自己的地址发送；需要替别人发信，请先办理授权。",
      "use your own address; to send for somebody else, have that granted first."}},
};

const NoticeWords *
notice_words(NoticeKind kind)
{
    return &templates[kind];
}

static int
problem_index(guint problem)
{
    for (int i = 0; i < SUBMITTER_PROBLEMS; i++)
        if (problem == 1u << i)
            return i;
    return -1;
}

const NoticeText *
notice_problem(guint problem)
{
    int at = problem_index(problem);
    return at < 0 ? NULL : &problems[at].problem;
}

const NoticeText *
notice_advice(guint problem)
{
    int at = problem_index(problem);
    return at < 0 ? NULL : &problems[at].advice;
}
