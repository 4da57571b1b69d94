#include "bench/load/crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/check.h"
#include "bench/load/house.h"

enum { DIALLING_MAX = 128, FETCH_CREDIT = 64, DESCRIPTORS_BESIDE = 256 };

/* What a reply answers. */
enum tag { TAG_hello = 1, TAG_available, TAG_fetch, TAG_heartbeat };

static uint64_t number_of(const struct crowd *crowd, const struct crowd_agent *agent)
{
    return (uint64_t)(agent - crowd->agents);
}

static void on_open(struct requester *requester)
{
    struct crowd *crowd = requester->owner;
    char name[WIRE_NAME_MAX];
    house_name(name, "agent", number_of(crowd, (struct crowd_agent *)requester));
    const struct frame frame = {
        .verb = VERB_hello,
        .hello = {.version = WIRE_VERSION, .role = ROLE_agent, .name = span_of(name), .token = span_of(crowd->run->token.text)}};
    requester_ask(requester, TAG_hello, &frame);
}

static void on_gone(struct requester *requester)
{
    struct crowd *crowd = requester->owner;
    run_fail(crowd->run, "the connection of agent %lu ended", number_of(crowd, (struct crowd_agent *)requester) + 1);
}

static void say_available(struct crowd_agent *agent)
{
    struct crowd *crowd = agent->requester.owner;
    char key[WIRE_NAME_MAX];
    snprintf(key, sizeof key, "bench-%u-available", crowd->run->number);
    struct wire_change change = {.kind = CHANGE_availability, .key = span_of(key), .state = AGENT_STATE_available};
    const struct frame frame = {.verb = VERB_submit, .submit = {.session = agent->session, .changes = &change, .changes_count = 1}};
    requester_ask(&agent->requester, TAG_available, &frame);
}

static void fetch(struct crowd_agent *agent)
{
    const struct frame frame = {
        .verb = VERB_fetch,
        .fetch = {.session = agent->session, .cursor = agent->cursor, .credit = FETCH_CREDIT, .wait_ms = WIRE_WAIT_MS_MAX}};
    requester_ask(&agent->requester, TAG_fetch, &frame);
}

static void beat(struct crowd_agent *agent)
{
    struct crowd *crowd = agent->requester.owner;
    if (agent->beat_ns)
        return;
    agent->beat_ns = run_now_ns(crowd->run);
    const struct frame frame = {.verb = VERB_heartbeat, .heartbeat = {.session = agent->session}};
    requester_ask(&agent->requester, TAG_heartbeat, &frame);
}

static void take_deliveries(struct crowd_agent *agent, const struct wire_fetched *fetched)
{
    struct crowd *crowd = agent->requester.owner;
    for (uint32_t i = 0; i < fetched->deliveries_count; i++)
        crowd->on_delivery(crowd->context, number_of(crowd, agent), &fetched->deliveries[i]);
    agent->cursor = fetched->cursor;
    fetch(agent);
}

static void take_answer(struct crowd_agent *agent)
{
    struct crowd *crowd = agent->requester.owner;
    histogram_record(&crowd->beat_ns, run_now_ns(crowd->run) - agent->beat_ns);
    agent->beat_ns = 0;
    crowd->beats_answered++;
}

/* Available agents fetch, and wait for what comes. */
static void take_availability(struct crowd_agent *agent, const struct wire_submitted *submitted)
{
    struct crowd *crowd = agent->requester.owner;
    if (submitted->results_count != 1 || submitted->results[0].status != STATUS_ok)
        run_fail(crowd->run, "agent %lu may not be available", number_of(crowd, agent) + 1);
    fetch(agent);
    agent->parked = true;
    crowd->parked++;
}

static void on_reply(struct requester *requester, uint32_t tag, const struct frame *reply)
{
    struct crowd_agent *agent = (struct crowd_agent *)requester;
    struct crowd *crowd = requester->owner;
    if (tag == TAG_hello && reply->verb == VERB_welcome) {
        agent->session = reply->welcome.session;
        agent->cursor = reply->welcome.cursor;
        crowd->heartbeat_ns = reply->welcome.heartbeat_ms * 1000000;
        say_available(agent);
    } else if (tag == TAG_available && reply->verb == VERB_submitted) {
        take_availability(agent, &reply->submitted);
    } else if (tag == TAG_fetch && reply->verb == VERB_fetched) {
        take_deliveries(agent, &reply->fetched);
    } else if (tag == TAG_heartbeat && reply->verb == VERB_alive) {
        take_answer(agent);
    } else {
        enum status status = reply->verb == VERB_error ? (enum status)reply->error.status : STATUS_bad_frame;
        run_fail(crowd->run, "agent %lu was refused: %s", number_of(crowd, agent) + 1, status_text(status));
    }
}

/* One descriptor for each connection, here and, in another process, at the broker. */
static bool descriptors_suffice(struct run *run, uint64_t count)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    uint64_t wanted = count + DESCRIPTORS_BESIDE;
    if (limit.rlim_max < wanted) {
        run_fail(run,
                 "%lu connections need %lu open files in one process, but no more than %lu are allowed here; as root: ulimit -Hn %lu, or "
                 "fewer --agents",
                 count, wanted, (uint64_t)limit.rlim_max, wanted);
        return false;
    }
    limit.rlim_cur = limit.rlim_cur < wanted ? wanted : limit.rlim_cur;
    setrlimit(RLIMIT_NOFILE, &limit);
    return true;
}

bool crowd_init(struct crowd *crowd, struct run *run, uint64_t count, void *context,
                void (*on_delivery)(void *context, uint64_t agent, const struct wire_record *record))
{
    *crowd = (struct crowd){.run = run, .count = count, .context = context, .on_delivery = on_delivery};
    crowd->agents = must_zalloc(count, sizeof *crowd->agents);
    const struct requesters_user user = {crowd, on_open, on_reply, on_gone};
    if (!requesters_init(&crowd->requesters, run->url, &user)) {
        run_fail(run, "%s: expected tcp://ADDRESS:PORT, with the address in numbers", run->url);
        return false;
    }
    return descriptors_suffice(run, count);
}

void crowd_fini(struct crowd *crowd)
{
    for (uint64_t i = 0; i < crowd->dialled; i++)
        requester_close(&crowd->agents[i].requester, false);
    requesters_fini(&crowd->requesters);
    free(crowd->agents);
}

/* A few at a time: the system refuses those who come faster than the broker accepts. */
static void dial_some(struct crowd *crowd)
{
    while (crowd->dialled < crowd->count && crowd->dialled - crowd->parked < DIALLING_MAX && run_goes_on(crowd->run)) {
        struct crowd_agent *agent = &crowd->agents[crowd->dialled];
        agent->requester.owner = crowd;
        if (!requester_dial(&crowd->requesters, &agent->requester))
            run_fail(crowd->run, "agent %lu cannot connect: %s", crowd->dialled + 1, strerror(errno));
        crowd->dialled++;
    }
    crowd->beats_begin_ns = run_now_ns(crowd->run);
}

/* One after the other, so that each has its turn once in the time that the broker wants. */
static void beat_some(struct crowd *crowd)
{
    uint64_t passed_ns = run_now_ns(crowd->run) - crowd->beats_begin_ns;
    uint64_t due = (uint64_t)((double)passed_ns / (double)crowd->heartbeat_ns * (double)crowd->count);
    for (; crowd->beats < due; crowd->beats++)
        beat(&crowd->agents[crowd->beats % crowd->count]);
}

void crowd_work(struct crowd *crowd, uint64_t timeout_ns)
{
    if (crowd->parked < crowd->count)
        dial_some(crowd);
    else
        beat_some(crowd);
    requesters_wait(&crowd->requesters, timeout_ns);
}

void crowd_beat_all(struct crowd *crowd)
{
    for (uint64_t i = 0; i < crowd->count; i++)
        beat(&crowd->agents[i]);
}
