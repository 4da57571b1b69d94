/* Sessions at the door: hello with version, role and token; bye; which verb a principal may use. What a session is, the engine knows. */
#ifndef RELEVO_NODE_SESSION_H
#define RELEVO_NODE_SESSION_H

#include "engine/engine.h"

struct node;
struct request;

enum {
    REPLACED_SESSIONS = 256,
};

/* The sessions that a newer one took over most recently. Their connectors are told `replaced`, not `unknown_session`: one that said hello
 * again would take over in turn, and two connectors of one account would do so for ever. */
struct replaced_sessions {
    session_id ids[REPLACED_SESSIONS];
    uint32_t next;
};

void session_hello(struct node *node, struct request *request);
void session_bye(struct node *node, struct request *request);
void session_heartbeat(struct node *node, struct request *request);

/* Finds who asks (frame's session), if the connection may speak for it, and counts it as a sign of life. False: the request carries an
 * error reply. */
bool session_admit(struct node *node, struct request *request);

/* The role whose principals are of this kind. */
enum role session_role(enum name_kind kind);

/* A step ended this session: its parked fetch is answered. */
void session_closed(struct node *node, const struct closed_session *closed);

#endif
