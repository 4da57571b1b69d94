#include "node/session.h"

#include <stdio.h>

#include "base/least.h"
#include "limits.h"
#include "node/node.h"
#include "node/turn.h"

static const enum name_kind kind_of_role[ROLE_MAX + 1] = {
    [ROLE_connector] = NAME_KIND_account,
    [ROLE_agent] = NAME_KIND_agent,
    [ROLE_operator] = NAME_KIND_operator,
};

enum role session_role(enum name_kind kind)
{
    for (uint32_t role = 1; role <= ROLE_MAX; role++)
        if (kind_of_role[role] == kind)
            return (enum role)role;
    return 0;
}

static void welcome(struct node *node, struct request *request, session_id session)
{
    const struct config_session *times = &node->config->session;
    struct frame frame = {.verb = VERB_welcome};
    frame.welcome = (struct wire_welcome){
        .session = session,
        .heartbeat_ms = times->heartbeat_ms,
        .lease_ms = times->lease_ms,
        .cursor = engine_acknowledged(node->engine, session),
        .frame_bytes_max = WIRE_FRAME_MAX,
        .batch_max = WIRE_BATCH_MAX,
        .credit_max = WIRE_CREDIT_MAX,
        /* No longer than a heartbeat: a client that does nothing but fetch keeps its session. */
        .wait_ms_max = (uint32_t)least(WIRE_WAIT_MS_MAX, times->heartbeat_ms),
        .broker = span_of("relevod " RELEVO_VERSION),
    };
    request_reply(request, &frame);
}

/* The session a request names, how it proves that it is its own, and who may ask for its verb. */
struct claim {
    session_id session;
    struct span token;
    bool account, agent, operator;
};

/* From now on this connection speaks for the session. */
static void believe(struct node *node, const struct request *request, session_id session)
{
    map_put(&node->connections, session, (void *)(uintptr_t)link_peer(request->from));
}

/* Session numbers can be guessed, so the number alone proves nothing: the connection must have said its hello, or brought the token. */
static bool is_believed(struct node *node, const struct request *request, const struct claim *claim)
{
    if ((uintptr_t)map_get(&node->connections, claim->session) == link_peer(request->from))
        return true;
    if (!config_authenticate(node->config, session_role(request->kind), engine_name(node->engine, request->principal), claim->token))
        return false;
    believe(node, request, claim->session);
    return true;
}

/* Opens a session for a principal that proved who it is. */
static void open_session(struct node *node, struct request *request, name_id principal)
{
    struct event event = {.kind = EVENT_hello, .principal = principal};
    const struct outcome *outcome = turn_step(node, &event);
    struct span name = engine_name(node->engine, principal);
    if (outcome->status == STATUS_ok) {
        believe(node, request, outcome->session);
        welcome(node, request, outcome->session);
    } else {
        request_error(request, outcome->status, NULL);
    }
    log_line(&node->log, LOG_debug, "session", "hello of %s %.*s: %s, session %llu",
             name_kind_word(engine_name_kind(node->engine, principal)), (int)name.size, name.data, status_name(outcome->status),
             (unsigned long long)outcome->session);
}

void session_hello(struct node *node, struct request *request)
{
    const struct wire_hello *hello = &request->frame.hello;
    enum name_kind kind = kind_of_role[hello->role];
    char detail[64];
    if (hello->version != WIRE_VERSION) {
        snprintf(detail, sizeof detail, "hello.version: expected %d", (int)WIRE_VERSION);
        request_error(request, STATUS_unknown_version, detail);
    } else if (!kind) {
        request_error(request, STATUS_bad_field, "hello.role: expected 1 (connector), 2 (agent) or 3 (operator)");
    } else if (!config_authenticate(node->config, (enum role)hello->role, hello->name, hello->token)) {
        request_error(request, STATUS_bad_token, NULL);
        log_line(&node->log, LOG_warning, "session", "hello refused: no %s %.*s with that token", role_word((uint32_t)hello->role),
                 (int)hello->name.size, hello->name.data);
    } else {
        open_session(node, request, engine_find_name(node->engine, kind, hello->name));
    }
    turn_hold(node, request);
}

static void alive(struct node *node, struct request *request)
{
    struct frame frame = {.verb = VERB_alive, .alive = {.now_ms = (uint64_t)node->now_ms}};
    request_reply(request, &frame);
    turn_hold(node, request);
}

void session_bye(struct node *node, struct request *request)
{
    struct event event = {.kind = EVENT_bye, .session = request->frame.bye.session};
    turn_step(node, &event);
    alive(node, request);
}

void session_heartbeat(struct node *node, struct request *request)
{
    alive(node, request);
}

static struct claim claim_of(const struct frame *frame)
{
    switch (frame->verb) {
    case VERB_submit:
        return (struct claim){frame->submit.session, frame->submit.token, true, true, true};
    case VERB_fetch:
        return (struct claim){frame->fetch.session, frame->fetch.token, true, true, false};
    case VERB_heartbeat:
        return (struct claim){frame->heartbeat.session, frame->heartbeat.token, true, true, true};
    case VERB_bye:
        return (struct claim){frame->bye.session, frame->bye.token, true, true, true};
    case VERB_history:
        return (struct claim){frame->history.session, frame->history.token, false, true, true};
    case VERB_status:
        return (struct claim){frame->status.session, frame->status.token, false, true, true};
    case VERB_why:
        return (struct claim){frame->why.session, frame->why.token, false, true, true};
    case VERB_peek:
        return (struct claim){frame->peek.session, frame->peek.token, false, true, true};
    case VERB_hello:
    case VERB_welcome:
    case VERB_submitted:
    case VERB_fetched:
    case VERB_alive:
    case VERB_page:
    case VERB_overview:
    case VERB_explanation:
    case VERB_peeked:
    case VERB_error:
        break;
    }
    return (struct claim){0};
}

static bool may_ask(const struct claim *claim, enum name_kind kind)
{
    return (kind == NAME_KIND_account && claim->account) || (kind == NAME_KIND_agent && claim->agent) ||
           (kind == NAME_KIND_operator && claim->operator);
}

static bool was_replaced(const struct replaced_sessions *replaced, session_id session)
{
    for (uint32_t i = 0; i < REPLACED_SESSIONS; i++)
        if (session && replaced->ids[i] == session)
            return true;
    return false;
}

bool session_admit(struct node *node, struct request *request)
{
    struct claim claim = claim_of(&request->frame);
    request->principal = engine_session_principal(node->engine, claim.session);
    if (!request->principal) {
        request_error(request, was_replaced(&node->replaced, claim.session) ? STATUS_replaced : STATUS_unknown_session, NULL);
        return false;
    }
    request->kind = engine_name_kind(node->engine, request->principal);
    if (!is_believed(node, request, &claim)) {
        request_error(request, STATUS_unknown_session, "say hello on this connection, or send the token");
        return false;
    }
    engine_touch(node->engine, claim.session, node->now_ms);
    if (!may_ask(&claim, request->kind)) {
        request_error(request, STATUS_wrong_role, NULL);
        return false;
    }
    return true;
}

void session_closed(struct node *node, const struct closed_session *closed)
{
    bool replaced = closed->cause == CAUSE_replaced;
    map_remove(&node->connections, closed->session);
    if (replaced)
        node->replaced.ids[node->replaced.next++ % REPLACED_SESSIONS] = closed->session;
    log_line(&node->log, LOG_debug, "session", "session %llu closed: %s", (unsigned long long)closed->session, cause_word(closed->cause));
    struct request *parked = fetch_unpark_session(node, closed->session);
    if (parked) {
        request_error(parked, replaced ? STATUS_replaced : STATUS_unknown_session, NULL);
        turn_hold(node, parked);
    }
}
