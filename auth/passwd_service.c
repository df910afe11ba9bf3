/* The steps in their order, each a function that fills in the outcome and says whether to go on. What is told the
 * person is in a table; what went wrong in detail is for the log, without anything of a password. */
#include "config.h"
#include "passwd_service.h"
#include "authd_password.h"
#include "backend.h"
#include "clock.h"
#include "errors.h"
#include "log.h"
#include "rate.h"
#include "sessions.h"
#include "strength.h"
#include <string.h>

#define PATIENCE_US (10 * G_TIME_SPAN_SECOND)
#define ACCOUNT_SPAN_US (10 * G_TIME_SPAN_MINUTE)
#define ALL_SPAN_US G_TIME_SPAN_MINUTE
#define ACCOUNTS_REMEMBERED 20000

typedef enum { CHANGED, WRONG, LOCKED, TOO_MANY, NOT_GOOD, MEANWHILE, AWAY, BAD } Outcome;

static const struct {
    guint status;
    const char *word, *en, *zh;
} outcomes[] = {
    [CHANGED] = {200, "changed", "The password was changed.", "密码已更改。"},
    [WRONG] = {403, "wrong-password", "The account or the present password is wrong.", "账号或现有密码不正确。"},
    [LOCKED] = {423, "locked", "The account is locked: try later, or ask the security officer.",
                "账号已锁定，请稍后再试或联系保密员。"},
    [TOO_MANY] = {429, "too-many", "Too many tries: wait ten minutes.", "尝试过多，请十分钟后再试。"},
    [NOT_GOOD] = {422, "not-good-enough", "The new password is not good enough.", "新密码不符合要求。"},
    [MEANWHILE] = {409, "changed-meanwhile", "The password was changed by somebody else just now.",
                   "密码刚刚已被别处更改。"},
    [AWAY] = {503, "unavailable", "The password cannot be changed now; it is as it was.",
              "暂时无法更改密码，密码未变。"},
    [BAD] = {400, "bad-request", "This is no request for a new password.", "请求格式不正确。"},
};

struct PasswdService {
    const Settings *settings;
    Backend *backend;
    AuthdClient *authd;
    Rate *accounts, *all;
};

/* One change on its way. */
typedef struct {
    PasswdService *service;
    const PasswdRequest *request;
    Outcome outcome;
    guint faults;
    Tier tier;
    AuthdPerson person;
    Place *place; /* NULL: there is no such account */
    SessionsEnd sessions;
    GError *failed;
} Step;

PasswdService *
passwd_service_new(const Settings *settings, GError **error)
{
    Backend *backend = backend_new(settings, error);
    if (backend == NULL)
        return NULL;
    PasswdService *service = g_new0(PasswdService, 1);
    service->settings = settings;
    service->backend = backend;
    service->authd = authd_client_new(settings->accounts_socket);
    service->accounts = rate_new((guint)settings->passwd_service_tries, ACCOUNT_SPAN_US, ACCOUNTS_REMEMBERED);
    service->all = rate_new((guint)settings->passwd_service_all, ALL_SPAN_US, 1);
    return service;
}

void
passwd_service_free(PasswdService *service)
{
    if (service == NULL)
        return;
    rate_free(service->accounts);
    rate_free(service->all);
    authd_client_free(service->authd);
    backend_free(service->backend);
    g_free(service);
}

static gint64
soon(void)
{
    return clock_monotonic_us() + PATIENCE_US;
}

/* --- steps: TRUE goes on ------------------------------------------------------------------------------------------ */

static gboolean
end(Step *step, Outcome outcome)
{
    step->outcome = outcome;
    return FALSE;
}

static gboolean
take_turn(Step *step)
{
    if (rate_take(step->service->all, "") && rate_take(step->service->accounts, step->request->account))
        return TRUE;
    return end(step, TOO_MANY);
}

static gboolean
learn_person(Step *step)
{
    char *why = NULL;
    const PasswdRequest *request = step->request;
    if (!authd_password_ask(step->service->authd, request->account, soon(), &step->person, &step->failed) ||
        !authd_password_allow(step->service->authd, &step->person, request->account, request->client,
                              request->old_password, soon(), &why, &step->failed))
        return end(step, AWAY);
    const gboolean allowed = why == NULL;
    g_free(why);
    const Tier tier = tier_from_word(step->person.tier);
    step->tier = tier < TIERS ? tier : TIER_BASE;
    return allowed || end(step, LOCKED);
}

/* An account that is not there takes as long as a wrong password, and counts as one. */
static gboolean
is_present(const Step *step)
{
    if (step->place != NULL)
        return place_has(step->place, step->request->old_password);
    g_free(password_hash_make(backend_scheme(step->service->settings), step->request->old_password, NULL));
    return FALSE;
}

static gboolean
try_present(Step *step)
{
    const PasswdRequest *request = step->request;
    step->place = backend_open(step->service->backend, request->account, &step->failed);
    if (step->place == NULL && step->failed->code != HANGU_ERROR_NO_INPUT)
        return end(step, AWAY);
    const gboolean good = is_present(step);
    if (!authd_password_report(step->service->authd, &step->person, request->account, request->client,
                               request->old_password, good, soon(), good ? &step->failed : NULL) &&
        good)
        return end(step, AWAY);
    return good || end(step, WRONG);
}

/* A history that cannot be asked leaves an error. */
static gboolean
is_used(const char *password, guint history, gpointer user)
{
    Step *step = user;
    gboolean used = FALSE;
    if (place_has(step->place, password))
        return TRUE;
    return authd_password_used(step->service->authd, &step->person, password, history, soon(), &used, &step->failed) &&
           used;
}

static gboolean
judge(Step *step)
{
    const StrengthAsk ask = {.tier = step->tier,
                             .login = step->request->account,
                             .address = step->person.address,
                             .name = step->person.owner,
                             .unit = step->person.unit,
                             .department = step->person.department,
                             .used = is_used,
                             .user = step};
    step->faults = strength_check(&ask, step->request->new_password);
    if (step->failed != NULL)
        return end(step, AWAY);
    return step->faults == 0 || end(step, NOT_GOOD);
}

/* What comes after the record must not fail without another one. */
static gboolean
commit(Step *step)
{
    if (place_commit(step->place, &step->failed))
        return TRUE;
    g_autoptr(GError) error = NULL;
    if (!authd_password_changed(step->service->authd, step->request->account, TRUE, NULL, soon(), &error))
        log_error("that a change of %s did not come to be could not be recorded: %s", step->request->account,
                  error->message);
    return end(step, step->failed->code == HANGU_ERROR_TIMEOUT ? MEANWHILE : AWAY);
}

static gboolean
store(Step *step)
{
    char *stored =
        password_hash_make(backend_scheme(step->service->settings), step->request->new_password, &step->failed);
    const gboolean prepared =
        stored != NULL && place_prepare(step->place, stored, &step->failed) &&
        authd_password_changed(step->service->authd, step->request->account, FALSE, NULL, soon(), &step->failed);
    g_free(stored);
    return prepared ? commit(step) : end(step, AWAY);
}

static void
end_sessions(Step *step)
{
    g_autoptr(GError) error = NULL;
    step->sessions = sessions_end(step->service->settings, step->request->account, &error);
    if (step->sessions == SESSIONS_FAILED)
        log_error("the sessions of %s were not ended: %s", step->request->account, error->message);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static json_t *
sentences(const char *word, const char *en, const char *zh, gboolean chinese)
{
    return json_pack("{s:s,s:s,s:s,s:s}", "word", word, "message", chinese ? zh : en, "en", en, "zh", zh);
}

static json_t *
answer_of(const Step *step, gboolean chinese)
{
    const Outcome outcome = step->outcome;
    json_t *answer = sentences(outcomes[outcome].word, outcomes[outcome].en, outcomes[outcome].zh, chinese),
           *faults = json_array();
    for (guint fault = 0; fault < STRENGTHS; fault++) {
        if ((step->faults & 1u << fault) == 0)
            continue;
        g_autofree char *en = strength_text((StrengthFault)fault, step->tier, FALSE);
        g_autofree char *zh = strength_text((StrengthFault)fault, step->tier, TRUE);
        json_array_append_new(faults, sentences(strength_word((StrengthFault)fault), en, zh, chinese));
    }
    json_object_set_new(answer, "changed", json_boolean(outcome == CHANGED));
    json_object_set_new(answer, "faults", faults);
    json_object_set_new(answer, "sessions", json_string(sessions_word(step->sessions)));
    return answer;
}

json_t *
passwd_service_answer(PasswdService *service, const PasswdRequest *request, gboolean chinese, guint *status_out)
{
    Step step = {.service = service, .request = request};
    if (take_turn(&step) && learn_person(&step) && try_present(&step) && judge(&step) && store(&step))
        end_sessions(&step);
    if (step.outcome == AWAY && step.failed != NULL)
        log_error("the password of %s was not changed: %s", request->account, step.failed->message);
    else
        log_info("%s: %s", request->account, outcomes[step.outcome].word);
    json_t *answer = answer_of(&step, chinese);
    *status_out = outcomes[step.outcome].status;
    place_free(step.place);
    authd_person_clear(&step.person);
    g_clear_error(&step.failed);
    return answer;
}

json_t *
passwd_service_refusal(guint status, const char *why)
{
    json_t *answer = sentences(outcomes[BAD].word, outcomes[BAD].en, outcomes[BAD].zh, FALSE);
    json_object_set_new(answer, "changed", json_false());
    json_object_set_new(answer, "why", json_string(why));
    json_object_set_new(answer, "status", json_integer(status));
    return answer;
}
