#include "relay.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <stateful/clock.h>
#include <stateful/log.h>

#include "base/memory.h"
#include "base/timed_condition.h"
#include "relay_turns.h"

enum {
    DEFAULT_POLL_MS = 200,
    GATHER_MS = 5,     /* between the beginnings of two rounds that find all there is */
    STANDBY_MS = 1000, /* between two tries to become the active relay */
    BACKOFF_LEAST_MS = 50,
    BACKOFF_MOST_MS = 1000,
    SILENCE_MS = 30000, /* between two lines of log about the same trouble */
    MEASURE_MS = 1000,
    FORGET_MS = 600000,
};

struct relay {
    relay_options options;
    outbox *box;
    struct publisher *publisher;
    pthread_t thread;

    /* The thread's own. */
    int64_t backoff_ms; /* 0: the last round went well */
    int64_t trouble_since_ms;
    int64_t last_line_ms;
    bool was_leader;
    int64_t measured_at_ms; /* 0: not yet, since it is active */
    int64_t forgot_at_ms;   /* alike */
    relay_turns turns;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    bool is_woken;
    bool is_stopping;
    int64_t stop_at_ms; /* monotonic; when a stop gives up */
    sf_error trouble;   /* what it waits for */
    bool is_in_trouble;
    relay_state state;
};

static int64_t now_ms(void)
{
    return sf_clock_monotonic_us(sf_clock_system()) / 1000;
}

static bool is_stopping(struct relay *relay)
{
    bool stopping;

    pthread_mutex_lock(&relay->mutex);
    stopping = relay->is_stopping;
    pthread_mutex_unlock(&relay->mutex);
    return stopping;
}

static bool stop_is_over(struct relay *relay)
{
    bool over;

    pthread_mutex_lock(&relay->mutex);
    over = relay->is_stopping && now_ms() >= relay->stop_at_ms;
    pthread_mutex_unlock(&relay->mutex);
    return over;
}

static void note_trouble(struct relay *relay, const sf_error *err)
{
    pthread_mutex_lock(&relay->mutex);
    relay->is_in_trouble = err;
    if (err)
        relay->trouble = *err;
    pthread_mutex_unlock(&relay->mutex);
}

static void log_trouble(struct relay *relay, const sf_error *err)
{
    int64_t now = now_ms();

    note_trouble(relay, err);
    if (!relay->trouble_since_ms)
        relay->trouble_since_ms = now;
    else if (now - relay->last_line_ms < SILENCE_MS)
        return;
    relay->last_line_ms = now;
    sf_log(SF_LOG_WARN, "relay waits, commands go on reason=\"%s\" for_ms=%lld", err->text,
           (long long)(now - relay->trouble_since_ms));
}

/* Asked by the publisher while the broker is silent: a stop does not wait for it. */
static bool publisher_gives_up(void *user)
{
    struct relay *relay = user;
    sf_error err = {.text = "the broker does not answer"};

    log_trouble(relay, &err);
    return is_stopping(relay);
}

static void read_on_meanwhile(void *user)
{
    struct relay *relay = user;

    relay_turns_meanwhile(&relay->turns);
}

static void log_well(struct relay *relay)
{
    note_trouble(relay, NULL);
    if (relay->trouble_since_ms)
        sf_log(SF_LOG_INFO, "relay goes on after_ms=%lld",
               (long long)(now_ms() - relay->trouble_since_ms));
    relay->trouble_since_ms = 0;
}

static void log_leadership(struct relay *relay, bool is_leader)
{
    if (is_leader && !relay->was_leader)
        sf_log(SF_LOG_INFO, "relay is active");
    else if (!is_leader && relay->was_leader)
        sf_log(SF_LOG_INFO, "relay stands by, another instance is active");
    relay->was_leader = is_leader;
}

static void note_leadership(struct relay *relay, bool is_leader)
{
    log_leadership(relay, is_leader);
    if (!is_leader)
        relay->measured_at_ms = relay->forgot_at_ms = 0;
    pthread_mutex_lock(&relay->mutex);
    relay->state.is_active = is_leader;
    pthread_mutex_unlock(&relay->mutex);
}

/* What the active relay does now and then besides: counts what waits, sets free what was held, and
 * forgets old keys. */
static sf_status look_after(struct relay *relay, sf_error *err)
{
    outbox_backlog backlog;
    int64_t now = now_ms();
    sf_status status = SF_OK;

    if (!relay->forgot_at_ms || now - relay->forgot_at_ms > FORGET_MS) {
        status = outbox_forget_keys(relay->box, relay->options.key_hours, err);
        relay->forgot_at_ms = now;
    }
    if (status || (relay->measured_at_ms && now - relay->measured_at_ms < MEASURE_MS))
        return status;
    status = outbox_look_after(relay->box, err);
    if (!status)
        status = outbox_measure(relay->box, &backlog, err);
    if (status)
        return status;
    relay->measured_at_ms = now;
    pthread_mutex_lock(&relay->mutex);
    relay->state.backlog = backlog;
    relay->state.oldest_age_ms = backlog.pending ? now - backlog.oldest_age_ms : 0;
    pthread_mutex_unlock(&relay->mutex);
    return SF_OK;
}

/* What was read as the active relay of another session is nobody's any more. */
static sf_status lead(struct relay *relay, bool *is_leader, sf_error *err)
{
    outbox_leadership leadership = OUTBOX_STANDS_BY;
    sf_status status = outbox_lead(relay->box, &leadership, err);

    *is_leader = !status && leadership != OUTBOX_STANDS_BY;
    if (leadership != OUTBOX_LEADS)
        relay_turns_forget(&relay->turns);
    return status;
}

static sf_status publish(struct relay *relay, size_t *count, sf_error *err)
{
    relay_turn turn;
    sf_status status = relay_turns_take(&relay->turns, &turn, err);

    *count = turn.rows;
    pthread_mutex_lock(&relay->mutex);
    relay->state.published += (int64_t)turn.published;
    pthread_mutex_unlock(&relay->mutex);
    return status;
}

/* One round: *count = how many rows were looked at. */
static sf_status work(struct relay *relay, size_t *count, bool *is_leader, sf_error *err)
{
    sf_status status = lead(relay, is_leader, err);

    *count = 0;
    if (status)
        return status;
    note_leadership(relay, *is_leader);
    if (!*is_leader)
        return SF_OK;
    status = look_after(relay, err);
    if (!status)
        status = publisher_open(relay->publisher, err);
    if (!status)
        status = publish(relay, count, err);
    return status;
}

/* Until woken (where that counts), stopped, or the time is over. */
static void wait_for(struct relay *relay, int64_t ms, bool may_be_woken)
{
    struct timespec until = sf_moment_in_ms(ms);

    pthread_mutex_lock(&relay->mutex);
    while (!relay->is_stopping && !(may_be_woken && relay->is_woken))
        if (pthread_cond_timedwait(&relay->changed, &relay->mutex, &until))
            break;
    if (may_be_woken)
        relay->is_woken = false;
    pthread_mutex_unlock(&relay->mutex);
}

/* A round costs the database the same whether it brings one event or fifty: the next one begins some time
 * after this one did. Who comes alone does not wait. */
static void gather(struct relay *relay, int64_t began_ms)
{
    int64_t left_ms = began_ms + GATHER_MS - now_ms();

    if (left_ms > 0)
        wait_for(relay, left_ms, false);
}

static void back_off(struct relay *relay, const sf_error *err)
{
    log_trouble(relay, err);
    pthread_mutex_lock(&relay->mutex);
    relay->state.failures++;
    pthread_mutex_unlock(&relay->mutex);
    relay->backoff_ms = relay->backoff_ms ? 2 * relay->backoff_ms : BACKOFF_LEAST_MS;
    if (relay->backoff_ms > BACKOFF_MOST_MS)
        relay->backoff_ms = BACKOFF_MOST_MS;
    wait_for(relay, relay->backoff_ms, false);
}

static void *relay_main(void *argument)
{
    struct relay *relay = argument;

    for (;;) {
        bool stopping = is_stopping(relay), is_leader = false;
        sf_error err = {0};
        size_t count = 0;
        int64_t began_ms = now_ms();
        sf_status status = work(relay, &count, &is_leader, &err);

        if (stopping && !status && (!count || stop_is_over(relay)))
            break; /* all is published that was committed before the stop */
        if (status) {
            if (is_stopping(relay))
                break; /* it does not work now; the table keeps what is left */
            back_off(relay, &err);
            continue;
        }
        log_well(relay);
        relay->backoff_ms = 0;
        if (!count)
            wait_for(relay, is_leader ? relay->options.poll_ms : STANDBY_MS, is_leader);
        else if (!relay_turns_has_next(&relay->turns))
            gather(relay, began_ms);
    }
    relay_turns_end(&relay->turns);
    return NULL;
}

struct relay *relay_start(const relay_options *options)
{
    struct relay *relay = sf_zalloc(sizeof(*relay));

    relay->options = *options;
    if (!relay->options.poll_ms)
        relay->options.poll_ms = DEFAULT_POLL_MS;
    relay->options.publish.meanwhile = read_on_meanwhile;
    relay->options.publish.gives_up = publisher_gives_up;
    relay->options.publish.user = relay;
    relay->box = outbox_new(&options->address);
    relay->publisher = publisher_new(&relay->options.publish);
    relay->turns = (relay_turns){.box = relay->box, .publisher = relay->publisher};
    pthread_mutex_init(&relay->mutex, NULL);
    sf_timed_condition_init(&relay->changed);
    if (pthread_create(&relay->thread, NULL, relay_main, relay)) {
        sf_log(SF_LOG_ERROR, "cannot start the relay's thread");
        abort();
    }
    return relay;
}

void relay_wake(struct relay *relay)
{
    pthread_mutex_lock(&relay->mutex);
    relay->is_woken = true;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->mutex);
}

bool relay_is_well(struct relay *relay, sf_buffer *why)
{
    bool is_well;

    pthread_mutex_lock(&relay->mutex);
    is_well = !relay->is_in_trouble;
    if (!is_well)
        sf_buffer_add_text(why, relay->trouble.text);
    pthread_mutex_unlock(&relay->mutex);
    return is_well;
}

/* Inside, the oldest event's age is the moment since when it waits. */
void relay_get_state(struct relay *relay, relay_state *state)
{
    pthread_mutex_lock(&relay->mutex);
    *state = relay->state;
    pthread_mutex_unlock(&relay->mutex);
    if (state->backlog.pending)
        state->oldest_age_ms = now_ms() - state->oldest_age_ms;
}

void relay_stop(struct relay *relay, int64_t grace_ms)
{
    if (!relay)
        return;
    pthread_mutex_lock(&relay->mutex);
    relay->is_stopping = true;
    relay->stop_at_ms = now_ms() + grace_ms;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->mutex);
    pthread_join(relay->thread, NULL);
    publisher_free(relay->publisher);
    outbox_free(relay->box);
    pthread_cond_destroy(&relay->changed);
    pthread_mutex_destroy(&relay->mutex);
    free(relay);
}
