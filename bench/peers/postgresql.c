/* PostgreSQL, one table, taken from by DELETE ... FOR UPDATE SKIP LOCKED ... RETURNING in the order of priority and arrival. Producers COPY
 * what has gathered while their last transaction was committing. A consumer hands over what a transaction deleted and commits it as the
 * acknowledgement, in one go with asking for more: who dies before that rolls back. A shard is what one consumer takes from, and has a
 * producer connection of its own, so that rows become visible in their order. */
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "bench/peers/peer.h"
#include "proto/buffer.h"

enum { TEXT_BYTES = 128, EMPTY_WAIT_NS = 500000 };

#define TAKE_ROWS "1024"

static const char copy_begin[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* signature, flags, no extension; its own NUL ends the last number */
static const char copy_end[] = "\377\377";

static PGconn *postgresql_open(uint64_t port)
{
    char parameters[TEXT_BYTES];
    snprintf(parameters, sizeof parameters, "host=127.0.0.1 port=%lu user=relevo dbname=postgres", port);
    PGconn *connection = PQconnectdb(parameters);
    if (PQstatus(connection) != CONNECTION_OK)
        peer_fail("postgresql: %s", PQerrorMessage(connection));
    return connection;
}

static void must(PGconn *connection, int done)
{
    const char *reason = PQerrorMessage(connection);
    if (!done)
        peer_fail("postgresql: %s", *reason ? reason : "it answered what was not expected");
}

static void execute(PGconn *connection, const char *statements)
{
    PGresult *result = PQexec(connection, statements);
    must(connection, PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
}

static void *postgresql_begin(const struct peer_settings *settings)
{
    PGconn *connection = postgresql_open(settings->port);
    execute(connection, "SET client_min_messages = warning; DROP TABLE IF EXISTS message;"
                        "CREATE TABLE message (id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (CACHE 1024), queue integer NOT NULL,"
                        " shard smallint NOT NULL, priority smallint NOT NULL, body bytea NOT NULL);"
                        "CREATE INDEX message_next ON message (shard, priority, id)");
    PQfinish(connection);
    return NULL;
}

/* One connection of the producer: gathers rows while its last batch is on its way. */
struct copying {
    PGconn *connection;
    bool asked; /* to begin a batch, and not through with it */
    struct buffer rows;
    uint32_t gathered, sent; /* rows */
};

struct postgresql_producer {
    uint32_t shards;
    struct copying each[PEER_CONSUMERS_MAX];
    struct pollfd sockets[PEER_CONSUMERS_MAX];
};

static void *postgresql_producer_open(const struct peer_settings *settings, void *shared)
{
    (void)shared;
    struct postgresql_producer *producer = must_zalloc(1, sizeof *producer);
    producer->shards = (uint32_t)settings->consumers;
    for (uint32_t i = 0; i < producer->shards; i++) {
        producer->each[i].connection = postgresql_open(settings->port);
        producer->sockets[i] = (struct pollfd){PQsocket(producer->each[i].connection), POLLIN, 0};
    }
    return producer;
}

static void put_16(struct buffer *rows, uint16_t value)
{
    value = htons(value);
    buffer_append(rows, &value, sizeof value);
}

static void put_32(struct buffer *rows, uint32_t value)
{
    value = htonl(value);
    buffer_append(rows, &value, sizeof value);
}

static void put_row(struct copying *copying, uint16_t shard, const struct peer_message *message)
{
    struct buffer *rows = &copying->rows;
    if (copying->gathered++ == 0)
        buffer_append(rows, copy_begin, sizeof copy_begin);
    put_16(rows, 4);
    put_32(rows, sizeof(uint32_t));
    put_32(rows, message->queue);
    put_32(rows, sizeof(uint16_t));
    put_16(rows, shard);
    put_32(rows, sizeof(uint16_t));
    put_16(rows, (uint16_t)message->priority);
    put_32(rows, message->body.size);
    buffer_append(rows, message->body.data, message->body.size);
}

/* The next batch, if there is one and the last is through. */
static void copy_start(struct copying *copying)
{
    if (copying->asked || !copying->gathered)
        return;
    must(copying->connection, PQsendQuery(copying->connection, "COPY message (queue, shard, priority, body) FROM STDIN (FORMAT binary)"));
    copying->asked = true;
}

/* The server takes the batch: everything that has gathered until now. */
static void copy_rows(struct copying *copying)
{
    buffer_append(&copying->rows, copy_end, sizeof copy_end - 1);
    must(copying->connection, PQputCopyData(copying->connection, copying->rows.data, (int)copying->rows.size) == 1);
    must(copying->connection, PQputCopyEnd(copying->connection, NULL) == 1);
    buffer_clear(&copying->rows);
    copying->sent = copying->gathered;
    copying->gathered = 0;
}

static void postgresql_publish(void *context, const struct peer_message *messages, uint32_t count)
{
    struct postgresql_producer *producer = context;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t shard = messages[i].queue % producer->shards;
        put_row(&producer->each[shard], (uint16_t)shard, &messages[i]);
    }
    for (uint32_t shard = 0; shard < producer->shards; shard++)
        copy_start(&producer->each[shard]);
}

/* Works through what the server said. How many rows that committed. */
static uint32_t copy_go_on(struct copying *copying)
{
    must(copying->connection, PQconsumeInput(copying->connection));
    while (copying->asked && !PQisBusy(copying->connection)) {
        PGresult *result = PQgetResult(copying->connection);
        ExecStatusType status = PQresultStatus(result);
        PQclear(result);
        copying->asked = result != NULL;
        if (result)
            must(copying->connection, status == PGRES_COPY_IN || status == PGRES_COMMAND_OK);
        if (result && status == PGRES_COPY_IN)
            copy_rows(copying);
    }
    uint32_t committed = copying->asked ? 0 : copying->sent;
    copying->sent -= committed;
    return committed;
}

static uint32_t postgresql_confirmed(void *context, uint64_t wait_ns)
{
    struct postgresql_producer *producer = context;
    uint32_t count = 0;
    if (!peer_wait(producer->sockets, producer->shards, wait_ns))
        return 0;
    for (uint32_t shard = 0; shard < producer->shards; shard++) {
        if (!producer->sockets[shard].revents)
            continue;
        count += copy_go_on(&producer->each[shard]);
        copy_start(&producer->each[shard]);
    }
    return count;
}

static void postgresql_producer_close(void *context)
{
    struct postgresql_producer *producer = context;
    for (uint32_t i = 0; i < producer->shards; i++) {
        PQfinish(producer->each[i].connection);
        buffer_fini(&producer->each[i].rows);
    }
    free(producer);
}

struct postgresql_consumer {
    PGconn *connection;
    bool asked, transaction;
    char shard[8];
    PGresult *received;
};

static void *postgresql_consumer_open(const struct peer_settings *settings, void *shared, uint32_t index)
{
    (void)shared;
    struct postgresql_consumer *consumer = must_zalloc(1, sizeof *consumer);
    consumer->connection = postgresql_open(settings->port);
    snprintf(consumer->shard, sizeof consumer->shard, "%u", index);
    /* What the planner would find out by itself, if it knew how full the table will be. */
    execute(consumer->connection, "SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan");
    execute(consumer->connection,
            "PREPARE take (smallint) AS WITH gone AS (DELETE FROM message WHERE ctid = ANY (ARRAY("
            "SELECT ctid FROM message WHERE shard = $1 ORDER BY priority, id LIMIT " TAKE_ROWS " FOR UPDATE SKIP LOCKED))"
            " RETURNING priority, id, body) SELECT body FROM gone ORDER BY priority, id");
    must(consumer->connection, PQenterPipelineMode(consumer->connection));
    return consumer;
}

static void send_statement(PGconn *connection, const char *statement)
{
    must(connection, PQsendQueryParams(connection, statement, 0, NULL, NULL, NULL, NULL, 0));
}

/* Commits what was received, and asks for more in the next transaction. */
static void rows_ask(struct postgresql_consumer *consumer, bool more)
{
    const char *parameters[] = {consumer->shard};
    if (consumer->transaction)
        send_statement(consumer->connection, "COMMIT");
    if (more) {
        send_statement(consumer->connection, "BEGIN");
        must(consumer->connection, PQsendQueryPrepared(consumer->connection, "take", 1, parameters, NULL, NULL, 1));
    }
    must(consumer->connection, PQpipelineSync(consumer->connection));
    must(consumer->connection, PQflush(consumer->connection) == 0);
    consumer->asked = true;
    consumer->transaction = more;
}

/* Works through what the server said. True: it is through. */
static bool rows_take(struct postgresql_consumer *consumer)
{
    must(consumer->connection, PQconsumeInput(consumer->connection));
    while (consumer->asked && !PQisBusy(consumer->connection)) {
        PGresult *result = PQgetResult(consumer->connection);
        ExecStatusType status = PQresultStatus(result);
        if (!result)
            continue;
        consumer->asked = status != PGRES_PIPELINE_SYNC;
        must(consumer->connection, status == PGRES_PIPELINE_SYNC || status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
        if (status == PGRES_TUPLES_OK)
            consumer->received = result;
        else
            PQclear(result);
    }
    return !consumer->asked;
}

static bool rows_await(struct postgresql_consumer *consumer, uint64_t wait_ns)
{
    struct pollfd socket = {PQsocket(consumer->connection), POLLIN, 0};
    while (!rows_take(consumer))
        if (!peer_wait(&socket, 1, wait_ns))
            return false;
    return true;
}

static uint32_t postgresql_receive(void *context, struct span bodies[PEER_RECEIVE_MAX], uint64_t wait_ns)
{
    struct postgresql_consumer *consumer = context;
    PQclear(consumer->received);
    consumer->received = NULL;
    if (!consumer->asked)
        rows_ask(consumer, true);
    if (!rows_await(consumer, wait_ns))
        return 0;
    uint32_t count = (uint32_t)PQntuples(consumer->received);
    for (uint32_t i = 0; i < count; i++)
        bodies[i] = (struct span){PQgetvalue(consumer->received, (int)i, 0), (uint32_t)PQgetlength(consumer->received, (int)i, 0)};
    /* NOTIFY would say when there is something, but makes commits wait for one another: asking again is quicker. */
    if (count == 0)
        peer_wait(NULL, 0, EMPTY_WAIT_NS);
    return count;
}

/* The commit goes along with asking for more. */
static void postgresql_acknowledge(void *consumer)
{
    (void)consumer;
}

static void postgresql_consumer_close(void *context)
{
    struct postgresql_consumer *consumer = context;
    if (!consumer->asked) {
        rows_ask(consumer, false);
        while (!rows_await(consumer, EMPTY_WAIT_NS))
            ;
    }
    PQclear(consumer->received);
    PQfinish(consumer->connection);
    free(consumer);
}

const struct peer peer_postgresql = {
    .name = "postgresql",
    .batch = 256,
    .begin = postgresql_begin,
    .producer_open = postgresql_producer_open,
    .publish = postgresql_publish,
    .confirmed = postgresql_confirmed,
    .producer_close = postgresql_producer_close,
    .consumer_open = postgresql_consumer_open,
    .receive = postgresql_receive,
    .acknowledge = postgresql_acknowledge,
    .consumer_close = postgresql_consumer_close,
};
