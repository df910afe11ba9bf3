/* The inspector: receive, inspect, answer. The loader's part is above: what is loaded once and shared by fork. */
#include "config.h"
#include "worker.h"
#include "clock.h"
#include "decode.h"
#include "errors.h"
#include "fold.h"
#include "inspect.h"
#include "job.h"
#include "kept.h"
#include "log.h"
#include "manifest.h"
#include "report.h"
#include "spool_stream.h"
#include "wire.h"
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

#define INSPECTORS_MIN 4
#define DESCRIPTORS_MAX 256 /* content of parts that is kept aside */
#define MEMORY_MAX                                                                                    \
    ((rlim_t)3 * 1024 * 1024 * 1024) /* address space: rules, one letter's parts and windows, and air \
                                      */
#define CPU_MARGIN_US G_USEC_PER_SEC
#define ANSWER_PATIENCE_US (5 * G_USEC_PER_SEC)
#define LARGE_LETTER (1024 * 1024) /* after it the memory goes back to the system */

typedef struct {
    Settings *settings;
    RuleSources *sources; /* until they are kept */
    Manifest manifest;    /* without a name: signatures are not asked for */
    Ruleset *ruleset;
    Policy *policy;
    Papers *papers; /* NULL: none are registered */
    FingerprintKey papers_key;
    guint8 digest_key[CRYPTO_KEY_SIZE];
} Equipment;

static gboolean
load_keys(Equipment *equipment, guint8 cache_key[CRYPTO_KEY_SIZE], GError **error)
{
    const char *state = equipment->settings->state_dir;
    g_autofree char *digest_path = g_build_filename(state, "milter", "digest.key", NULL);
    g_autofree char *cache_path = g_build_filename(state, "milter", "cache.key", NULL);
    return crypto_key_load(digest_path, equipment->digest_key, error) && crypto_key_load(cache_path, cache_key, error);
}

static guint
count_inspectors(const Settings *settings)
{
    return settings->inspectors > 0 ? (guint)settings->inspectors : MAX(INSPECTORS_MIN, g_get_num_processors());
}

static Equipment *
equip(const char *config, Problems *problems)
{
    Equipment *equipment = g_new0(Equipment, 1);
    g_autoptr(GError) error = NULL;
    guint8 cache_key[CRYPTO_KEY_SIZE];
    equipment->settings = settings_load(config, problems);
    if (equipment->settings == NULL)
        return equipment;
    const Settings *settings = equipment->settings;
    equipment->policy = policy_load(settings->policy_file, problems);
    gboolean keyed = load_keys(equipment, cache_key, &error);
    if (!keyed)
        problems_add(problems, settings->state_dir, 0, 0, NULL, "%s", error->message);
    g_autoptr(GError) missing = NULL;
    if (!decode_check(&missing)) /* and the inspectors share the tables it makes */
        problems_add(problems, config, 0, 0, NULL, "%s", missing->message);
    equipment->sources = rule_sources_read(settings->rules_dir, problems);
    /* What nobody vouches for is not even compiled. */
    if (equipment->sources != NULL &&
        manifest_admit(equipment->sources, settings->rule_sets_keys, settings->rule_sets_dir,
                       settings->rule_sets_rollback, &equipment->manifest, problems))
        equipment->ruleset =
            ruleset_compile(equipment->sources, keyed ? settings->cache_dir : NULL, keyed ? cache_key : NULL, problems);
    crypto_wipe(cache_key, sizeof cache_key);
    g_autoptr(GError) wrong = NULL;
    if (papers_open(settings->papers_file, &equipment->papers, &equipment->papers_key, &wrong) < 0)
        problems_add(problems, NULL, 0, 0, NULL, "%s", wrong->message);
    malloc_trim(0); /* what compiling took, before every inspector inherits it */
    return equipment;
}

static gboolean
load(const char *config, Loaded *loaded_out, Problems *problems)
{
    Equipment *equipment = equip(config, problems);
    if (problems_count(problems) > 0 || equipment->ruleset == NULL || equipment->policy == NULL)
        return FALSE;
    *loaded_out = (Loaded){
        .data = equipment,
        .settings_digest = equipment->settings->digest != NULL ? equipment->settings->digest : "",
        .ruleset_digest = ruleset_digest(equipment->ruleset),
        .policy_digest = policy_digest(equipment->policy),
        .papers_digest = equipment->papers != NULL ? papers_digest(equipment->papers) : "",
        .inspectors = count_inspectors(equipment->settings),
    };
    return TRUE;
}

/* Rules that cannot be kept, on a full disk say, judge all the same; that is told. */
static char *
keep(const Equipment *equipment)
{
    const Settings *settings = equipment->settings;
    g_autoptr(GError) error = NULL;
    const KeptPlace place = {settings->rule_sets_dir, (guint)settings->rule_sets_most, (guint)settings->rule_sets_days,
                             (guint64)settings->rule_sets_papers};
    const KeptFiles files = {settings->policy_file, settings->path, settings->papers_file};
    const KeptUse use = {
        .from_us = clock_wall_us(),
        .ruleset = (char *)ruleset_digest(equipment->ruleset),
        .policy = (char *)policy_digest(equipment->policy),
        .settings = settings->digest,
        .program = (char *)"hangu-milter " PACKAGE_VERSION,
        .engine = (char *)ruleset_engine(),
        .fold = (char *)fold_digest(),
        .papers = (char *)(equipment->papers != NULL ? papers_digest(equipment->papers) : ""),
    };
    if (equipment->manifest.name != NULL && !manifest_remember(place.directory, &equipment->manifest, &error)) {
        log_error("the version of the rules in force is not remembered: %s", error->message);
        return g_strdup_printf("the version of the rules in force is not remembered: %s", error->message);
    }
    if (kept_store(&place, equipment->sources, &files, &use, &error))
        return NULL;
    log_error("the rules %.19s are not kept, so what they decide cannot be replayed: %s", use.ruleset, error->message);
    return g_strdup_printf("the rules in force are not kept in %s: %s", place.directory, error->message);
}

static gboolean
load_and_keep(const char *config, Loaded *loaded_out, Problems *problems)
{
    if (!load(config, loaded_out, problems))
        return FALSE;
    Equipment *equipment = loaded_out->data;
    loaded_out->warning = keep(equipment);
    g_clear_pointer(&equipment->sources, rule_sources_free);
    return TRUE;
}

gboolean
worker_check(const char *config, Problems *problems)
{
    Loaded loaded = {0};
    if (!load(config, &loaded, problems))
        return FALSE;
    ruleset_test(((const Equipment *)loaded.data)->ruleset, problems);
    return problems_count(problems) == 0;
}

static void
limit(int resource, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0)
        return;
    struct rlimit bound = {MIN(most, now.rlim_max), MIN(most, now.rlim_max)};
    setrlimit(resource, &bound);
}

/* Only the socket and the standard streams stay open: no ledger, no control socket, no other letter. */
static void
shut_in(int socket)
{
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    closelog(); /* its descriptor must not become a letter's number */
    close_range(3, (unsigned)socket - 1, 0);
    close_range((unsigned)socket + 1, ~0U, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, DESCRIPTORS_MAX);
#if !defined(__SANITIZE_ADDRESS__)
    limit(RLIMIT_AS, MEMORY_MAX);
#endif
    signal(SIGPROF, SIG_DFL);
}

/* The last bound, when the deadline was overlooked: SIGPROF ends the process. */
static void
bound_cpu(gint64 microseconds)
{
    struct itimerval timer = {
        .it_value = {.tv_sec = microseconds / G_USEC_PER_SEC, .tv_usec = microseconds % G_USEC_PER_SEC}};
    setitimer(ITIMER_PROF, &timer, NULL);
}

static void
fill_done(const Message *message, const Equipment *equipment, JobDone *done)
{
    done->report = report_record(message, equipment->ruleset, equipment->policy, equipment->digest_key);
    done->verdict = message->decision.verdict;
    done->mode = message->decision.mode;
    done->actions = message->decision.actions;
    done->direction = message->direction;
    done->egress = message->egress;
    done->account_problems = message->account_problems;
    done->account_effect = message->decision.account_effect;
    done->counted = message->counted;
    done->class = message->class;
    done->level = message->level;
    done->forward = message->decision.about_forward;
    done->row = g_strdup(message->decision.row);
    done->reply = g_strdup(message->decision.reply);
}

typedef struct {
    int socket;
    guint64 number;
    gint64 deadline_us;
} Asker;

/* The gate's thread that waits for our answer says yes or no at once. Whatever else comes counts as a no. */
static gboolean
ask_for_more(LeaseKind wanted, gpointer user)
{
    const Asker *asker = user;
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    guint64 number = 0;
    gboolean granted = FALSE;
    if (!frame_send(asker->socket, WIRE_JOB_ASK, g_variant_new("(tu)", asker->number, (guint32)wanted), NULL, 0,
                    asker->deadline_us, &error) ||
        frame_receive(asker->socket, job_type_string, asker->deadline_us, &frame, &error) <= 0 ||
        frame.type != WIRE_JOB_LEAVE || frame.body == NULL)
        return FALSE;
    g_variant_get(frame.body, "(tb)", &number, &granted);
    return granted && number == asker->number;
}

static gboolean
run(Inspector *inspector, const Equipment *equipment, Job *job, Envelope *envelope, Lease *lease, JobDone *done,
    GError **error)
{
    g_autoptr(Message) message = message_new();
    message->lease = lease;
    envelope_clear(&message->envelope);
    message->envelope = *envelope;
    *envelope = (Envelope){0};
    if (job->length == JOB_NO_LETTER) {
        inspector_decide_account(inspector, message);
        fill_done(message, equipment, done);
        return TRUE;
    }
    message->raw = spool_stream_open(job->spool_fd, job->key, job->length, error);
    message->size = job->length;
    if (message->raw == NULL || !inspector_run(inspector, message, job->deadline_us, error))
        return FALSE;
    fill_done(message, equipment, done);
    return TRUE;
}

/* FALSE: the letter was left alone. */
static gboolean
inspect(Inspector *inspector, const Equipment *equipment, int socket, Job *job, Envelope *envelope, JobDone *done)
{
    g_autoptr(GError) error = NULL;
    Asker asker = {socket, job->number, job->deadline_us + ANSWER_PATIENCE_US};
    Lease lease = lease_new(job->lease, ask_for_more, &asker);
    done->number = job->number;
    done->failed = !run(inspector, equipment, job, envelope, &lease, done, &error);
    if (done->failed)
        done->failure = g_utf8_make_valid(error->message, -1);
    return !lease.ended;
}

/* One job. FALSE: the end, or something that must not be. */
static gboolean
serve_one(Inspector *inspector, const Equipment *equipment, int socket, GError **error)
{
    g_auto(Frame) frame = {0};
    g_auto(JobDone) done = {0};
    Job job = {.spool_fd = -1};
    Envelope envelope = {0};
    if (frame_receive(socket, job_type_string, -1, &frame, error) <= 0)
        return FALSE;
    if (!job_decode(&frame, &job, &envelope, error))
        return FALSE;
    gint64 left = job.deadline_us - g_get_monotonic_time();
    bound_cpu(MAX(left, 0) + CPU_MARGIN_US);
    gboolean good = inspect(inspector, equipment, socket, &job, &envelope, &done);
    bound_cpu(0);
    if (job.length > LARGE_LETTER)
        malloc_trim(0);
    job_clear(&job);
    return frame_send(socket, good ? WIRE_JOB_DONE : WIRE_JOB_BACK,
                      good ? job_done_encode(&done) : g_variant_new("(t)", job.number), NULL, 0,
                      g_get_monotonic_time() + ANSWER_PATIENCE_US, error);
}

/* The first connection; it is made anew when the spawner was. */
static Extractor *
reach_readers(const Settings *settings)
{
    Extractor *extractor = extractor_connect(settings);
    if (extractor_trouble(extractor) != NULL)
        log_warn("%s; until then documents and archives count as unreadable", extractor_trouble(extractor));
    return extractor;
}

static int
serve(const Loaded *loaded, int socket)
{
    const Equipment *equipment = loaded->data;
    g_autoptr(GError) error = NULL;
    shut_in(socket);
    log_open("hangu-inspect", equipment->settings->log_sink, equipment->settings->log_level);
    g_mime_init();
    Inspector *inspector = inspector_new(equipment->settings, equipment->ruleset, equipment->policy);
    inspector_set_extractor(inspector, reach_readers(equipment->settings));
    inspector_set_papers(inspector, equipment->papers, &equipment->papers_key);
    while (serve_one(inspector, equipment, socket, &error))
        ;
    if (error != NULL)
        log_error("the inspector ends: %s", error->message);
    return error != NULL ? HANGU_ERROR_PROTOCOL : 0;
}

const LoaderWork *
worker_work(void)
{
    static const LoaderWork work = {load_and_keep, serve};
    return &work;
}
