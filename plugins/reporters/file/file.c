/* SPDX-License-Identifier: Apache-2.0 */
/* Reports as lines of a file, for whoever collects it: each with its id, each once, each on disk
 * before it counts as delivered. A disk may take its time, so all writing is a thread's. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <shiming/plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A report is a JSON object; its id becomes the first member: {"report_id":"ID",... */
#define HEAD "{\"report_id\":\""

enum { ID_BYTES = 64, IDS_KEPT = 10000, REPORT_BYTES = 1 << 20, CHUNK_BYTES = 64 * 1024 };
enum { JOBS_MAX = 16 }; /* that wait, those nobody waits for any more among them */

struct config {
    const char *path;
};

static const struct smg_option options[] = { SMG_OPTION_PATH(config, path, .flags = SMG_REQUIRED,
                                                             .help = "file the reports go to"),
                                             SMG_OPTIONS_END };

struct kept {
    uint64_t hash; /* so that a search rarely compares texts */
    char id[ID_BYTES];
};

/* One report on its way to the disk. */
struct job {
    struct smg_op *op; /* the loop's; NULL: cancelled */
    struct smg_err err;
    struct job *next;
    struct smg_str id, report; /* in `bytes` */
    char bytes[];
};

struct list {
    struct job *first, **end;
};

struct file {
    const struct smg_host *host;
    const struct config *config;
    /* the thread's, while there is one */
    int fd;
    off_t size;         /* of the whole lines */
    struct kept *kept;  /* the last IDS_KEPT ids, a ring */
    size_t count, next; /* how many there are, where the next one goes */
    /* the loop's */
    pthread_t thread;
    bool running;
    struct smg_watch *watch; /* of `written` */
    size_t jobs;             /* not yet back */
    /* between the two */
    int written; /* an eventfd: something is in `back` */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct list queue, back;
    struct job *at_work;
    bool stopping;
};

static uint64_t hash_of(struct smg_str id)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (size_t i = 0; i < id.len; i++)
        hash = (hash ^ (unsigned char)id.at[i]) * 1099511628211u;
    return hash;
}

static bool is_id(struct smg_str id)
{
    if (id.len == 0 || id.len >= ID_BYTES)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.at[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

static bool has_id(const struct file *file, struct smg_str id)
{
    uint64_t hash = hash_of(id);

    for (size_t i = 0; i < file->count; i++)
        if (file->kept[i].hash == hash && strlen(file->kept[i].id) == id.len &&
            memcmp(file->kept[i].id, id.at, id.len) == 0)
            return true;
    return false;
}

static void keep_id(struct file *file, struct smg_str id)
{
    struct kept *kept = &file->kept[file->next];

    kept->hash = hash_of(id);
    memcpy(kept->id, id.at, id.len);
    kept->id[id.len] = '\0';
    file->next = (file->next + 1) % IDS_KEPT;
    if (file->count < IDS_KEPT)
        file->count++;
}

/* The id at the beginning of a line, if it is one of ours. */
static void keep_line(struct file *file, const char *line, size_t len)
{
    const size_t head = sizeof HEAD - 1;
    const char *end;

    if (len <= head || memcmp(line, HEAD, head) != 0)
        return;
    end = memchr(line + head, '"', len - head);
    if (end != NULL && is_id((struct smg_str){ line + head, (size_t)(end - line) - head }))
        keep_id(file, (struct smg_str){ line + head, (size_t)(end - line) - head });
}

/* Keep the ids of all whole lines, and cut off what a power cut left of the last one. */
static int read_ids(struct file *file, struct smg_err *err)
{
    char *chunk = malloc(CHUNK_BYTES), line[sizeof HEAD + ID_BYTES];
    size_t len = 0;
    off_t at = 0;
    ssize_t got = -1;

    if (chunk == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    file->size = 0;
    while ((got = pread(file->fd, chunk, CHUNK_BYTES, at)) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            if (chunk[i] == '\n') {
                keep_line(file, line, len);
                len = 0;
                file->size = at + i + 1;
            } else if (len < sizeof line) {
                line[len++] = chunk[i];
            }
        }
        at += got;
    }
    free(chunk);
    if (got < 0)
        return smg_fail(err, SMG_E_IO, "%s: %s", file->config->path, strerror(errno));
    if (file->size < at && ftruncate(file->fd, file->size) != 0)
        return smg_fail(err, SMG_E_IO, "%s: %s", file->config->path, strerror(errno));
    return SMG_OK;
}

static void close_file(struct file *file)
{
    close(file->fd);
    file->fd = -1;
    file->count = file->next = 0;
}

/* A new file is only there after a power cut when its folder is on disk too. */
static bool sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    int fd = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    free(folder);
    return done;
}

static int open_file(struct file *file, struct smg_err *err)
{
    struct stat info;

    file->fd = open(file->config->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (file->fd < 0)
        return smg_fail(err, SMG_E_IO, "%s: %s", file->config->path, strerror(errno));
    if (fstat(file->fd, &info) != 0 || !S_ISREG(info.st_mode))
        smg_fail(err, SMG_E_INVALID, "%s is not a regular file", file->config->path);
    else if (flock(file->fd, LOCK_EX | LOCK_NB) != 0)
        smg_fail(err, SMG_E_BUSY, "%s is written to by another process", file->config->path);
    else if (!sync_folder(file->config->path))
        smg_fail(err, SMG_E_IO, "the folder of %s: %s", file->config->path, strerror(errno));
    else if (read_ids(file, err) == SMG_OK)
        return SMG_OK;
    close_file(file);
    return err->code;
}

static char *make_line(struct smg_str id, struct smg_str report, size_t *len)
{
    const size_t head = sizeof HEAD - 1;
    char *line = malloc(head + id.len + report.len + 3), *at = line;
    bool empty = report.len == 2;

    if (line == NULL)
        return NULL;
    memcpy(at, HEAD, head);
    at += head;
    memcpy(at, id.at, id.len);
    at += id.len;
    *at++ = '"';
    if (!empty)
        *at++ = ',';
    memcpy(at, report.at + 1, report.len - 1);
    at += report.len - 1;
    *at++ = '\n';
    *len = (size_t)(at - line);
    return line;
}

/* On disk on return, or not there at all. */
static int append(struct file *file, const char *line, size_t len, struct smg_err *err)
{
    ssize_t written = write(file->fd, line, len);
    int why = errno;

    if (written == (ssize_t)len && fdatasync(file->fd) == 0) {
        file->size += written;
        return SMG_OK;
    }
    if (written >= 0)
        why = written == (ssize_t)len ? errno : ENOSPC;
    if (ftruncate(file->fd, file->size) != 0)
        file->host->log(file->host, SMG_ERROR, "a piece of a line stays: %s", strerror(errno));
    return smg_fail(err, why == ENOSPC || why == EDQUOT ? SMG_E_FULL : SMG_E_IO, "%s: %s",
                    file->config->path, strerror(why));
}

static int write_report(struct file *file, struct smg_str id, struct smg_str report,
                        struct smg_err *err)
{
    size_t len;
    char *line;
    int code;

    if (has_id(file, id))
        return SMG_OK;
    line = make_line(id, report, &len);
    if (line == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    code = append(file, line, len, err);
    free(line);
    if (code == SMG_OK)
        keep_id(file, id);
    return code;
}

/* ---- the thread ---- */

static void append_job(struct list *list, struct job *job)
{
    job->next = NULL;
    *list->end = job;
    list->end = &job->next;
}

static struct job *take_job(struct list *list)
{
    struct job *job = list->first;

    if (job != NULL)
        list->first = job->next;
    if (list->first == NULL)
        list->end = &list->first;
    return job;
}

static void free_jobs(struct list *list)
{
    struct job *job;

    while ((job = take_job(list)) != NULL)
        free(job);
}

static void *run(void *self)
{
    struct file *file = self;

    pthread_setname_np(pthread_self(), "reports");
    pthread_mutex_lock(&file->lock);
    while (!file->stopping) {
        struct job *job = file->at_work = take_job(&file->queue);

        if (job == NULL) {
            pthread_cond_wait(&file->changed, &file->lock);
            continue;
        }
        pthread_mutex_unlock(&file->lock);
        write_report(file, job->id, job->report, &job->err);
        pthread_mutex_lock(&file->lock);
        file->at_work = NULL;
        append_job(&file->back, job);
        eventfd_write(file->written, 1);
    }
    pthread_mutex_unlock(&file->lock);
    return NULL;
}

/* ---- the loop ---- */

static void on_written(void *self, int fd, unsigned ready)
{
    struct file *file = self;
    struct job *job;
    eventfd_t times;

    (void)ready;
    eventfd_read(fd, &times);
    for (;;) {
        pthread_mutex_lock(&file->lock);
        job = take_job(&file->back);
        pthread_mutex_unlock(&file->lock);
        if (job == NULL)
            return;
        file->jobs--;
        if (job->op != NULL)
            file->host->done(file->host, job->op, job->err.code == SMG_OK ? NULL : &job->err);
        free(job);
    }
}

static void stop_thread(struct file *file)
{
    pthread_mutex_lock(&file->lock);
    file->stopping = true;
    pthread_cond_signal(&file->changed);
    pthread_mutex_unlock(&file->lock);
    if (file->running)
        pthread_join(file->thread, NULL);
    file->running = false;
    if (file->watch != NULL)
        file->host->unwatch(file->host, file->watch);
    file->watch = NULL;
    close(file->written);
    free_jobs(&file->queue);
    free_jobs(&file->back);
    file->jobs = 0;
}

static int start_thread(struct file *file, struct smg_err *err)
{
    sigset_t all, before;

    file->stopping = false;
    file->written = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (file->written >= 0)
        file->watch = file->host->watch(file->host, file->written, SMG_READABLE, on_written, file);
    if (file->watch != NULL) {
        /* Signals are the loop's. */
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        file->running = pthread_create(&file->thread, NULL, run, file) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (file->running)
        return SMG_OK;
    stop_thread(file);
    return smg_fail(err, SMG_E_MEMORY, "a thread for the report file cannot be started");
}

static int file_start(void *self, struct smg_err *err)
{
    struct file *file = self;

    if (open_file(file, err) != SMG_OK)
        return err->code;
    if (start_thread(file, err) == SMG_OK)
        return SMG_OK;
    close_file(file);
    return err->code;
}

/* Waits for the line that is being written. */
static void file_stop(void *self)
{
    struct file *file = self;

    stop_thread(file);
    close_file(file);
}

static int check(const struct file *file, struct smg_str id, struct smg_str report,
                 struct smg_err *err)
{
    if (!is_id(id))
        return smg_fail(err, SMG_E_INVALID, "the report's id cannot be written");
    if (report.len < 2 || report.len > REPORT_BYTES || report.at[0] != '{' ||
        report.at[report.len - 1] != '}' || memchr(report.at, '\n', report.len) != NULL)
        return smg_fail(err, SMG_E_INVALID, "the report is not one line of JSON");
    if (file->jobs == JOBS_MAX)
        return smg_fail(err, SMG_E_BUSY, "the disk is slow, and %d reports wait for it", JOBS_MAX);
    return SMG_OK;
}

static struct job *make_job(struct smg_op *op, struct smg_str id, struct smg_str report)
{
    struct job *job = calloc(1, sizeof *job + id.len + report.len);

    if (job == NULL)
        return NULL;
    job->op = op;
    memcpy(job->bytes, id.at, id.len);
    memcpy(job->bytes + id.len, report.at, report.len);
    job->id = (struct smg_str){ job->bytes, id.len };
    job->report = (struct smg_str){ job->bytes + id.len, report.len };
    return job;
}

static void file_submit(void *self, struct smg_op *op, struct smg_str id, struct smg_str report)
{
    struct file *file = self;
    struct smg_err err = { 0 };
    struct job *job = NULL;

    if (check(file, id, report, &err) == SMG_OK) {
        job = make_job(op, id, report);
        if (job == NULL)
            smg_fail(&err, SMG_E_MEMORY, "out of memory");
    }
    if (job == NULL) {
        file->host->done(file->host, op, &err);
        return;
    }
    file->jobs++;
    pthread_mutex_lock(&file->lock);
    append_job(&file->queue, job);
    pthread_cond_signal(&file->changed);
    pthread_mutex_unlock(&file->lock);
}

static struct job *find_job(struct job *job, const struct smg_op *op)
{
    while (job != NULL && job->op != op)
        job = job->next;
    return job;
}

/* The line is written all the same: handed in again, the report is known by its id. */
static void file_cancel(void *self, struct smg_op *op)
{
    struct file *file = self;
    struct smg_err err;
    struct job *job;

    pthread_mutex_lock(&file->lock);
    job = find_job(file->queue.first, op);
    if (job == NULL)
        job = find_job(file->back.first, op);
    if (job == NULL)
        job = file->at_work;
    if (job != NULL)
        job->op = NULL;
    pthread_mutex_unlock(&file->lock);
    smg_fail(&err, SMG_E_CANCELLED, "the disk has not taken it yet");
    file->host->done(file->host, op, &err);
}

static int file_open(const struct smg_host *host, const void *config, void **self,
                     struct smg_err *err)
{
    struct file *file = calloc(1, sizeof *file);

    if (file == NULL)
        return smg_fail(err, SMG_E_MEMORY, "report file");
    file->kept = calloc(IDS_KEPT, sizeof *file->kept);
    if (file->kept == NULL) {
        free(file);
        return smg_fail(err, SMG_E_MEMORY, "report file");
    }
    file->host = host;
    file->config = config;
    file->fd = file->written = -1;
    file->queue.end = &file->queue.first;
    file->back.end = &file->back.first;
    pthread_mutex_init(&file->lock, NULL);
    pthread_cond_init(&file->changed, NULL);
    *self = file;
    return SMG_OK;
}

static void file_close(void *self)
{
    struct file *file = self;

    pthread_cond_destroy(&file->changed);
    pthread_mutex_destroy(&file->lock);
    free(file->kept);
    free(file);
}

static const struct smg_reporter_ops ops = { .size = sizeof ops,
                                             .submit = file_submit,
                                             .cancel = file_cancel };

SMG_PLUGIN(file) = {
    SMG_ABI,
    .kind = SMG_REPORTER,
    .name = "file",
    .version = "1.0",
    .summary = "reports as lines of a file",
    .config_size = sizeof(struct config),
    .options = options,
    .open = file_open,
    .start = file_start,
    .stop = file_stop,
    .close = file_close,
    .reporter = &ops,
};
