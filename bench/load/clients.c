#include "bench/load/clients.h"

#include <poll.h>
#include <stdlib.h>

#include "base/check.h"
#include "bench/load/house.h"

#define TAG_AVAILABLE UINT64_MAX /* of the change that is ours, not the owner's */

static void on_ready(void *context, const struct wire_welcome *welcome)
{
    struct member *member = context;
    struct run *run = member->all->run;
    char key[WIRE_NAME_MAX];
    (void)welcome;
    member->sessions++;
    if (member->all->options.role != ROLE_agent) {
        atomic_fetch_add(&member->all->ready, member->sessions == 1);
        return;
    }
    snprintf(key, sizeof key, "bench-%u-available-%u", run->number, member->sessions);
    struct wire_change change = {.kind = CHANGE_availability, .key = span_of(key), .state = AGENT_STATE_available};
    if (client_submit(member->client, 0, &change, TAG_AVAILABLE) != STATUS_ok)
        run_fail(run, "an agent could not say that it is available");
}

static void on_result(void *context, uint64_t tag, const struct wire_result *result)
{
    struct member *member = context;
    const struct clients_options *options = &member->all->options;
    if (result->status != STATUS_ok) {
        run_fail(member->all->run, "a change of a bench %s was refused: %s %.*s", options->kind, status_text((enum status)result->status),
                 (int)result->detail.size, result->detail.data);
    } else if (tag == TAG_AVAILABLE) {
        atomic_fetch_add(&member->all->ready, member->sessions == 1);
    } else if (options->on_result) {
        options->on_result(member, tag, result);
    }
}

static void on_refused(void *context, enum status status, struct span detail)
{
    struct member *member = context;
    run_fail(member->all->run, "a bench %s was refused: %s %.*s", member->all->options.kind, status_text(status), (int)detail.size,
             detail.data);
}

static void on_delivery(void *context, const struct wire_record *record)
{
    struct member *member = context;
    member->all->options.on_delivery(member, record);
}

static bool member_open(struct clients *clients, uint32_t index)
{
    const struct clients_options *own = &clients->options;
    struct member *member = &clients->members[index];
    char name[WIRE_NAME_MAX];
    house_name(name, own->kind, index);
    *member = (struct member){.all = clients, .index = index};
    struct client_options options = {.url = clients->run->url,
                                     .role = own->role,
                                     .name = name,
                                     .token = clients->run->token.text,
                                     .lanes = own->lanes,
                                     .batch_max = own->batch_max,
                                     .pending_max = own->pending_max,
                                     .fetch_credit = own->fetch_credit,
                                     .fetch = own->on_delivery != NULL,
                                     .context = member,
                                     .on_ready = on_ready,
                                     .on_result = on_result,
                                     .on_delivery = own->on_delivery ? on_delivery : NULL,
                                     .on_refused = on_refused};
    enum status status = client_open(&options, &member->client);
    if (status != STATUS_ok) {
        run_fail(clients->run, "%s: %s", name, status_text(status));
        return false;
    }
    clients->fds[index] = (struct pollfd){client_fd(member->client), POLLIN, 0};
    return true;
}

bool clients_open(struct clients *clients, struct run *run, const struct clients_options *options)
{
    clients->options = *options;
    clients->run = run;
    clients->members = must_zalloc(options->count, sizeof *clients->members);
    clients->fds = must_zalloc(options->count, sizeof *clients->fds);
    for (uint32_t i = 0; i < options->count; i++)
        if (!member_open(clients, i))
            return false;
    return true;
}

void clients_wait(struct clients *clients, uint64_t timeout_ns)
{
    struct timespec timeout = {(time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000)};
    bool any = ppoll(clients->fds, clients->options.count, &timeout, NULL) > 0;
    for (uint64_t i = 0; any && i < clients->options.count; i++)
        if (clients->fds[i].revents)
            client_dispatch(clients->members[i].client);
}

void clients_close(struct clients *clients)
{
    for (uint64_t i = 0; clients->members && i < clients->options.count; i++)
        if (clients->members[i].client)
            client_close(clients->members[i].client, !atomic_load(&clients->run->failed));
    free(clients->members);
    free(clients->fds);
}
