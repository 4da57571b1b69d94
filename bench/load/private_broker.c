#include "bench/load/private_broker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.h"

enum { READY_MS = 120000, STOP_MS = 10000, SLICE_MS = 5, LOG_TAIL_BYTES = 2000 };

static const char ready_word[] = "relevod ready url=";

static void path_of(const struct private_broker *broker, const char *name, char out[SCRATCH_FILE])
{
    scratch_file(broker->directory, name, out);
}

static bool configuration_write(const struct private_broker *broker, const struct private_broker_options *options)
{
    char path[SCRATCH_FILE];
    path_of(broker, "relevod.yaml", path);
    FILE *out = fopen(path, "we");
    if (!out)
        return false;
    options->write_configuration(out, options->context);
    return fclose(out) == 0;
}

static void program_find(const char *given, char out[SCRATCH_FILE])
{
    if (given) {
        snprintf(out, SCRATCH_FILE, "%s", given);
        return;
    }
    ssize_t size = readlink("/proc/self/exe", out, SCRATCH_FILE - sizeof "relevod");
    out[size > 0 ? size : 0] = 0;
    char *slash = strrchr(out, '/');
    snprintf(slash ? slash + 1 : out, sizeof "relevod", "relevod");
}

/* In the child: becomes relevod, or ends with 127. */
static _Noreturn void child_run(const struct private_broker *broker, char *program, int ready_pipe, pid_t parent)
{
    char log[SCRATCH_FILE], configuration[SCRATCH_FILE], data[SCRATCH_FILE];
    path_of(broker, "log", log);
    path_of(broker, "relevod.yaml", configuration);
    path_of(broker, "data", data);
    /* The child must not outlive its parent, not even one that is killed; the parent may be gone before the kernel was asked. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); /* a ^C is for the bench, which then stops its broker */
    int log_file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (getppid() == parent && log_file >= 0 && dup2(ready_pipe, STDOUT_FILENO) >= 0 && dup2(log_file, STDERR_FILENO) >= 0) {
        char config_option[] = "--config", data_option[] = "--data", listen_option[] = "--listen", listen[] = "tcp://127.0.0.1:0";
        char *arguments[] = {program, config_option, configuration, data_option, data, listen_option, listen, NULL};
        execv(program, arguments);
        dprintf(STDERR_FILENO, "%s: %s\n", program, strerror(errno));
    }
    _exit(127);
}

/* Reads one line, or as much as comes before the end of the pipe or of the time. */
static void line_read(int from, char *out, size_t out_size)
{
    size_t size = 0;
    int64_t until_ms = clock_ms() + READY_MS;
    struct pollfd pipe_end = {from, POLLIN, 0};
    while (size + 1 < out_size && !memchr(out, '\n', size)) {
        int64_t left_ms = until_ms - clock_ms();
        if (left_ms <= 0 || poll(&pipe_end, 1, (int)left_ms) <= 0)
            break;
        ssize_t got = read(from, out + size, out_size - 1 - size);
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    out[size] = 0;
}

static bool ready_await(struct private_broker *broker, int ready_pipe)
{
    char line[sizeof broker->url];
    line_read(ready_pipe, line, sizeof line);
    size_t length = sizeof ready_word - 1;
    if (strncmp(line, ready_word, length) != 0)
        return false;
    line[strcspn(line, "\n")] = 0;
    snprintf(broker->url, sizeof broker->url, "%s", line + length);
    return true;
}

static size_t log_tail(const struct private_broker *broker, char *out, size_t out_size)
{
    char path[SCRATCH_FILE];
    path_of(broker, "log", path);
    FILE *log = fopen(path, "re");
    if (!log)
        return 0;
    if (fseek(log, -(long)(out_size - 1), SEEK_END) != 0)
        rewind(log);
    size_t size = fread(out, 1, out_size - 1, log);
    out[size] = 0;
    fclose(log);
    return size;
}

static bool start(struct private_broker *broker, const struct private_broker_options *options, char error[1024])
{
    int ends[2];
    char program[SCRATCH_FILE], tail[400];
    program_find(options->relevod, program);
    if (!configuration_write(broker, options) || pipe2(ends, O_CLOEXEC) != 0) {
        snprintf(error, 1024, "%s: %s", broker->directory, strerror(errno));
        return false;
    }
    pid_t parent = getpid();
    broker->pid = fork();
    if (broker->pid == 0)
        child_run(broker, program, ends[1], parent);
    close(ends[1]);
    bool ready = broker->pid > 0 && ready_await(broker, ends[0]);
    close(ends[0]);
    if (!ready) {
        size_t size = log_tail(broker, tail, sizeof tail);
        snprintf(error, 1024, "%s did not become ready; it said: %s", program, size ? tail : "nothing");
    }
    return ready;
}

bool private_broker_start(struct private_broker *broker, const struct private_broker_options *options, char error[1024])
{
    *broker = (struct private_broker){0};
    if (!scratch_make(broker->directory)) {
        snprintf(error, 1024, "%s: %s; set TMPDIR to a directory on a disk", broker->directory, strerror(errno));
        return false;
    }
    if (!start(broker, options, error)) {
        private_broker_stop(broker);
        return false;
    }
    return true;
}

bool private_broker_alive(struct private_broker *broker)
{
    if (broker->pid > 0 && waitpid(broker->pid, NULL, WNOHANG) == broker->pid)
        broker->pid = 0;
    return broker->pid > 0;
}

void private_broker_print_log(const struct private_broker *broker, FILE *out)
{
    char tail[LOG_TAIL_BYTES];
    if (log_tail(broker, tail, sizeof tail))
        fprintf(out, "the last that relevod logged:\n%s", tail);
}

bool private_broker_logged(const struct private_broker *broker, const char *words, char *line, size_t line_size)
{
    char path[SCRATCH_FILE], each[LOG_TAIL_BYTES];
    bool found = false;
    path_of(broker, "log", path);
    FILE *log = fopen(path, "re");
    while (log && fgets(each, sizeof each, log)) {
        if (strstr(each, words)) {
            snprintf(line, line_size, "%s", each);
            found = true;
        }
    }
    if (log)
        fclose(log);
    return found;
}

static double cpu_seconds(pid_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = 0;
    if (file)
        fclose(file);
    /* The name, in parentheses, may hold anything: fields are counted from its end. */
    const char *after = strrchr(text, ')');
    unsigned long user = 0, system = 0;
    if (!after || sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

struct process_use private_broker_use(const struct private_broker *broker)
{
    struct process_use use = {.cpu_s = cpu_seconds(broker->pid)};
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)broker->pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        unsigned long kib;
        if (sscanf(line, "VmRSS: %lu kB", &kib) == 1)
            use.rss_bytes = kib * 1024;
        else if (sscanf(line, "RssAnon: %lu kB", &kib) == 1)
            use.anonymous_bytes = kib * 1024;
    }
    if (file)
        fclose(file);
    return use;
}

uint64_t private_broker_disk_bytes(const struct private_broker *broker)
{
    char path[SCRATCH_FILE];
    path_of(broker, "data", path);
    return scratch_disk_bytes(path);
}

static bool ended_within(struct private_broker *broker, int64_t ms)
{
    for (int64_t until_ms = clock_ms() + ms; clock_ms() < until_ms; poll(NULL, 0, SLICE_MS))
        if (!private_broker_alive(broker))
            return true;
    return false;
}

void private_broker_end(struct private_broker *broker, bool by_kill)
{
    if (broker->pid > 0) {
        kill(broker->pid, by_kill ? SIGKILL : SIGTERM);
        if (by_kill || !ended_within(broker, STOP_MS)) {
            kill(broker->pid, SIGKILL);
            waitpid(broker->pid, NULL, 0);
        }
    }
    broker->pid = 0;
}

bool private_broker_restart(struct private_broker *broker, const struct private_broker_options *options, char error[1024])
{
    return start(broker, options, error);
}

void private_broker_stop(struct private_broker *broker)
{
    private_broker_end(broker, false);
    if (broker->directory[0])
        scratch_remove(broker->directory);
    *broker = (struct private_broker){0};
}
