/* The desk: databases for those who ask, and the register's facts in the words of the wire. */
#include "config.h"
#include "desk.h"
#include "accounts.h"
#include "clock.h"
#include "log.h"
#include "own_names.h"
#include "verbs.h"

struct Desk {
    const Settings *settings;
    LedgerClient *ledger;
    Database *own; /* of the thread that answers the gate */
    DeskProblems problems;
    gpointer problems_user;

    GMutex lock;       /* guards what follows */
    GPtrArray *spares; /* Database that no call uses */
};

/* What a crash left half done is told; while the ledger is away, before the next change. */
static void
settle(const Desk *desk)
{
    g_autoptr(GError) error = NULL;
    VerbCall call = {.database = desk->own, .ledger = desk->ledger, .settings = desk->settings, .actor = "hangu-authd"};
    if (!verbs_settle(&call, &error))
        log_warn("changes of the register that were interrupted are not recorded as undone yet: %s", error->message);
}

Desk *
desk_new(const Settings *settings, GError **error)
{
    Database *own = accounts_open(settings->accounts_database, error);
    if (own == NULL)
        return NULL;
    Desk *desk = g_new0(Desk, 1);
    desk->settings = settings;
    desk->ledger = ledger_client_new(settings->ledger_socket);
    desk->own = own;
    desk->spares = g_ptr_array_new_with_free_func((GDestroyNotify)database_free);
    g_mutex_init(&desk->lock);
    settle(desk);
    return desk;
}

void
desk_free(Desk *desk)
{
    if (desk == NULL)
        return;
    g_ptr_array_unref(desk->spares);
    database_free(desk->own);
    ledger_client_free(desk->ledger);
    g_mutex_clear(&desk->lock);
    g_free(desk);
}

void
desk_add_problems(Desk *desk, DeskProblems problems, gpointer user)
{
    desk->problems = problems;
    desk->problems_user = user;
}

/* --- questions ------------------------------------------------------------------------------------------------ */

static GPtrArray *
problem_words(guint problems)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    for (guint bit = 1; bit < PROBLEM_ALL; bit <<= 1)
        if (problems & bit)
            g_ptr_array_add(words, g_strdup(account_problem_word((AccountProblem)bit)));
    return words;
}

gboolean
desk_facts(gpointer user, const AccountQuestion *question, AccountAnswer *answer_out, GError **error)
{
    const Desk *desk = user;
    g_auto(AccountFacts) facts = {0};
    g_autofree char *now = clock_format(clock_wall_us());
    if (!accounts_facts(desk->own, question->account, question->client_ip, now, &facts, error))
        return FALSE;
    guint problems = facts.problems;
    if (desk->problems != NULL)
        problems |= desk->problems(desk->problems_user, &facts, question->account, question->client_ip);
    answer_out->stage = g_steal_pointer(&facts.stage);
    answer_out->address = g_steal_pointer(&facts.address);
    answer_out->problems = problem_words(problems);
    answer_out->addresses = g_steal_pointer(&facts.senders);
    answer_out->officers = g_steal_pointer(&facts.officers);
    answer_out->names = own_names(facts.owner);
    return TRUE;
}

/* --- calls ---------------------------------------------------------------------------------------------------- */

static Database *
borrow(Desk *desk, GError **error)
{
    Database *database = NULL;
    g_mutex_lock(&desk->lock);
    if (desk->spares->len > 0)
        database = g_ptr_array_steal_index_fast(desk->spares, desk->spares->len - 1);
    g_mutex_unlock(&desk->lock);
    return database != NULL ? database : accounts_open(desk->settings->accounts_database, error);
}

static void
give_back(Desk *desk, Database *database)
{
    g_mutex_lock(&desk->lock);
    g_ptr_array_add(desk->spares, database);
    g_mutex_unlock(&desk->lock);
}

static gboolean
send_row(json_t *row, gpointer user, GError **error)
{
    gboolean taken = auth_call_row(user, row, error);
    json_decref(row);
    return taken;
}

gboolean
desk_call(gpointer user, AuthCall *call, const json_t *request, GError **error)
{
    Desk *desk = user;
    Database *database = borrow(desk, error);
    if (database == NULL)
        return FALSE;
    VerbCall verb = {
        .database = database,
        .ledger = desk->ledger,
        .settings = desk->settings,
        .arguments = request,
        .actor = auth_call_actor(call),
        .answer = send_row,
        .answer_user = call,
    };
    gboolean good = verbs_run(&verb, error);
    give_back(desk, database);
    return good;
}
