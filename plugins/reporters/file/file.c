/* SPDX-License-Identifier: Apache-2.0 */
/* Reports as lines of a file, for whoever collects it: each with its id, each once, each on disk
 * before it counts as delivered. */
#include <errno.h>
#include <fcntl.h>
#include <shiming/plugin.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A report is a JSON object; its id becomes the first member: {"report_id":"ID",... */
#define HEAD "{\"report_id\":\""

enum { ID_BYTES = 64, IDS_KEPT = 10000, REPORT_BYTES = 1 << 20, CHUNK_BYTES = 64 * 1024 };

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

struct file {
    const struct smg_host *host;
    const struct config *config;
    int fd;
    off_t size;         /* of the whole lines */
    struct kept *kept;  /* the last IDS_KEPT ids, a ring */
    size_t count, next; /* how many there are, where the next one goes */
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

static void file_stop(void *self)
{
    struct file *file = self;

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

static int file_start(void *self, struct smg_err *err)
{
    struct file *file = self;
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
    file_stop(file);
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

/* On disk on return, or not there at all. This blocks the loop for the time of one fdatasync, the
 * reason why a busy gateway's reports belong on a disk of their own, or with another plugin. */
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

static int submit(struct file *file, struct smg_str id, struct smg_str report, struct smg_err *err)
{
    size_t len;
    char *line;
    int code;

    if (!is_id(id))
        return smg_fail(err, SMG_E_INVALID, "the report's id cannot be written");
    if (report.len < 2 || report.len > REPORT_BYTES || report.at[0] != '{' ||
        report.at[report.len - 1] != '}' || memchr(report.at, '\n', report.len) != NULL)
        return smg_fail(err, SMG_E_INVALID, "the report is not one line of JSON");
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

static void file_submit(void *self, struct smg_op *op, struct smg_str id, struct smg_str report)
{
    struct file *file = self;
    struct smg_err err = { 0 };

    if (submit(file, id, report, &err) == SMG_OK)
        smg_done(file->host, op);
    else
        file->host->done(file->host, op, &err);
}

/* Every operation is done when submit returns: there is nothing to cancel. */
static void file_cancel(void *self, struct smg_op *op)
{
    (void)self, (void)op;
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
    file->fd = -1;
    *self = file;
    return SMG_OK;
}

static void file_close(void *self)
{
    struct file *file = self;

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
