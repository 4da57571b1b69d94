/* relevod: the broker. The command line, and what it prints and returns. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/check.h"
#include "node/node.h"

enum exit_code {
    EXIT_clean = 0,
    EXIT_unusable = 1,
    EXIT_usage = 2,
    EXIT_config = 3,
};

static const char help[] =
    "relevod --config FILE --data DIRECTORY [--listen URL] [--check] [--verbose]\n"
    "\n"
    "Routes customer messages to agents and keeps every conversation.\n"
    "\n"
    "  --config FILE     the configuration (YAML)\n"
    "  --data DIRECTORY  where the log and its tables are kept; made when absent\n"
    "  --listen URL      listen here instead of where the configuration says; tcp://127.0.0.1:0 takes a free port\n"
    "  --check           only check the configuration, and say what is wrong with it\n"
    "  --verbose         log sessions too\n"
    "  --version, --help\n"
    "\n"
    "When it serves, one line goes to standard output: relevod ready url=tcp://ADDRESS:PORT\n"
    "The log goes to standard error.\n"
    "\n"
    "Signals:  SIGTERM, SIGINT  drain: new requests are refused as draining, everything is made durable and checkpointed\n"
    "          SIGHUP           read the configuration again; one that is wrong is refused and the running one stays\n"
    "\n"
    "Exit codes:  0  stopped by a signal with everything durable; or --check found nothing wrong\n"
    "             1  the data directory or the address cannot be used\n"
    "             2  the command line is wrong\n"
    "             3  the configuration is wrong\n"
    "            70  out of memory\n"
    "            71  a commit failed: nothing that was acknowledged is lost\n"
    "            72  the stored data is damaged\n"
    "            74  the operating system refused something vital\n";

struct arguments {
    const char *config, *data, *listen;
    bool check, verbose;
};

static int usage(void)
{
    fputs("usage: relevod --config FILE --data DIRECTORY [--listen URL] [--check] [--verbose]; relevod --help says more\n", stderr);
    return EXIT_usage;
}

/* Fills the arguments; returns an exit code when the program is to end now, otherwise -1. */
static int read_arguments(int argc, char **argv, struct arguments *out)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"data", required_argument, NULL, 'd'},
        {"listen", required_argument, NULL, 'l'}, {"check", no_argument, NULL, 'k'},
        {"verbose", no_argument, NULL, 'v'},      {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            out->config = optarg;
            break;
        case 'd':
            out->data = optarg;
            break;
        case 'l':
            out->listen = optarg;
            break;
        case 'k':
            out->check = true;
            break;
        case 'v':
            out->verbose = true;
            break;
        case 'V':
            puts("relevod " RELEVO_VERSION);
            return EXIT_clean;
        case 'h':
            fputs(help, stdout);
            return EXIT_clean;
        default: /* getopt_long has said what it does not know */
            return usage();
        }
    }
    bool complete = optind == argc && out->config && (out->data || out->check);
    return complete ? -1 : usage();
}

/* A connection is a descriptor, and the usual soft limit of 1024 is a tenth of what is served here. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        perror("relevod: raising the limit of open files"); /* it serves as many as it may */
}

static int serve(const struct arguments *arguments, struct config *config)
{
    struct node *node;
    char error[NODE_ERROR_MAX] = "";
    struct node_options options = {
        .config = config,
        .config_path = arguments->config,
        .data = arguments->data,
        .listen = arguments->listen,
        .verbose = arguments->verbose,
    };
    enum status status = node_open(&options, &node, error);
    if (status != STATUS_ok) {
        fprintf(stderr, "relevod: %s\n", error[0] ? error : status_text(status));
        return status == STATUS_bad_config ? EXIT_config : EXIT_unusable;
    }
    printf("relevod ready url=%s\n", node_url(node));
    fflush(stdout);
    node_run(node);
    node_close(node);
    return EXIT_clean;
}

int main(int argc, char **argv)
{
    heap_in_huge_pages();
    struct arguments arguments = {0};
    int code = read_arguments(argc, argv, &arguments);
    if (code >= 0)
        return code;
    /* A reader of the log or of the ready line that goes away must not take the broker with it. */
    signal(SIGPIPE, SIG_IGN);
    raise_descriptors();
    struct config *config = NULL;
    struct config_error error;
    if (config_load(arguments.config, &config, &error) != STATUS_ok) {
        fprintf(stderr, "relevod: %s\n", error.text);
        return EXIT_config;
    }
    if (!arguments.check)
        return serve(&arguments, config);
    printf("%s: nothing wrong\n", arguments.config);
    config_free(config);
    return EXIT_clean;
}
