/* SPDX-License-Identifier: Apache-2.0 */
/* Key files: a few lines of text each, written once, readable by their owner only. */
#include "crypto/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char VERSION_LINE[] = "shiming-key 1";
enum { FILE_LIMIT = 512 };

void ring_key_identify(struct ring_key *key)
{
    struct buf all = { 0 };
    uint8_t digest[32];

    buf_text(&all, VERSION_LINE);
    buf_byte(&all, 0);
    buf_text(&all, key->suite);
    buf_byte(&all, 0);
    buf_put(&all, key->secret, sizeof key->secret);
    digest_sha256(buf_view(&all), digest);
    memcpy(key->id, digest, sizeof key->id);
    buf_fini(&all);
}

static int write_all(int fd, struct smg_str bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.at, bytes.len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        bytes.at += done;
        bytes.len -= (size_t)done;
    }
    return 0;
}

/* O_EXCL: a key that is there is never written over. */
int ring_file_create(int folder, const char *name, unsigned mode, const struct buf *text,
                     struct smg_err *err)
{
    int fd, status = SMG_OK;

    if (text->failed)
        return smg_fail(err, SMG_E_MEMORY, "%s: out of memory", name);
    fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
    if (fd < 0)
        return smg_fail(err, errno == EEXIST ? SMG_E_EXISTS : SMG_E_IO, "%s: %s", name,
                        strerror(errno));
    if (write_all(fd, buf_view(text)) < 0 || fsync(fd) < 0)
        status =
            smg_fail(err, errno == ENOSPC ? SMG_E_FULL : SMG_E_IO, "%s: %s", name, strerror(errno));
    if (close(fd) < 0 && status == SMG_OK)
        status = smg_fail(err, SMG_E_IO, "%s: %s", name, strerror(errno));
    return status;
}

int ring_file_read(int folder, const char *name, bool secret, struct buf *text, struct smg_err *err)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int status = SMG_OK;
    struct stat about;
    char *room;
    ssize_t len;

    if (fd < 0 && errno == ELOOP)
        return smg_fail(err, SMG_E_DENIED, "%s is a symbolic link", name);
    if (fd < 0)
        return smg_fail(err, errno == ENOENT ? SMG_E_NOT_FOUND : SMG_E_IO, "%s: %s", name,
                        strerror(errno));
    if (fstat(fd, &about) < 0) {
        status = smg_fail(err, SMG_E_IO, "%s: %s", name, strerror(errno));
        goto out;
    }
    if (!S_ISREG(about.st_mode) || (secret && (about.st_mode & 077) != 0)) {
        status = smg_fail(err, SMG_E_DENIED, "%s: must be a file%s", name,
                          secret ? " of mode 0600" : "");
        goto out;
    }
    room = buf_grow(text, FILE_LIMIT);
    if (room == NULL) {
        status = smg_fail(err, SMG_E_MEMORY, "%s: out of memory", name);
        goto out;
    }
    len = read(fd, room, FILE_LIMIT);
    if (len < 0)
        status = smg_fail(err, SMG_E_IO, "%s: %s", name, strerror(errno));
    else if (len == FILE_LIMIT)
        status = smg_fail(err, SMG_E_INVALID, "%s: too long for a key file", name);
    else
        text->len = (size_t)len;
out:
    close(fd);
    return status;
}

int ring_key_write(int folder, const char *name, const struct ring_key *key, struct smg_err *err)
{
    struct buf text = { 0 };
    int status;

    buf_printf(&text, "%s\nid ", VERSION_LINE);
    buf_hex(&text, str_bytes(key->id, sizeof key->id));
    buf_printf(&text, "\nsuite %s\nsecret ", key->suite);
    buf_hex(&text, str_bytes(key->secret, sizeof key->secret));
    buf_byte(&text, '\n');
    status = ring_file_create(folder, name, 0600, &text, err);
    buf_fini(&text);
    return status;
}

bool ring_take_line(struct smg_str *view, const char *word, struct smg_str *value)
{
    const char *end = view->len == 0 ? NULL : memchr(view->at, '\n', view->len);
    size_t skip = strlen(word);
    struct smg_str line;

    if (end == NULL)
        return false;
    line = str_bytes(view->at, (size_t)(end - view->at));
    if (!str_starts(line, word))
        return false;
    *value = str_bytes(line.at + skip, line.len - skip);
    view->at += line.len + 1;
    view->len -= line.len + 1;
    return true;
}

bool ring_read_hex(struct smg_str text, uint8_t *out, size_t len)
{
    struct buf bytes = { 0 };
    bool good = text.len == 2 * len && buf_unhex(&bytes, text);

    if (good)
        memcpy(out, bytes.at, len);
    buf_fini(&bytes);
    return good;
}

static bool parse_key(struct smg_str text, struct ring_key *key)
{
    struct smg_str version, id, suite, secret;

    if (!ring_take_line(&text, VERSION_LINE, &version) || version.len != 0 ||
        !ring_take_line(&text, "id ", &id) || !ring_take_line(&text, "suite ", &suite) ||
        !ring_take_line(&text, "secret ", &secret) || text.len != 0 ||
        suite.len >= sizeof key->suite || memchr(suite.at, '\0', suite.len) != NULL ||
        !ring_read_hex(id, key->id, sizeof key->id) ||
        !ring_read_hex(secret, key->secret, sizeof key->secret))
        return false;
    memset(key->suite, 0, sizeof key->suite);
    memcpy(key->suite, suite.at, suite.len);
    return true;
}

int ring_key_read(int folder, const char *name, struct ring_key *key, struct smg_err *err)
{
    uint8_t written[RING_ID_BYTES];
    struct buf text = { 0 };
    int status = ring_file_read(folder, name, true, &text, err);

    if (status != SMG_OK)
        goto out;
    if (!parse_key(buf_view(&text), key)) {
        status = smg_fail(err, SMG_E_INVALID, "%s: not a key file", name);
        goto out;
    }
    memcpy(written, key->id, sizeof written);
    ring_key_identify(key);
    if (memcmp(written, key->id, sizeof written) != 0)
        status =
            smg_fail(err, SMG_E_INVALID, "%s: damaged, its secret is not that of its id", name);
out:
    buf_fini(&text);
    return status;
}

int ring_active_write(int folder, const uint8_t id[RING_ID_BYTES], struct smg_err *err)
{
    struct buf text = { 0 };
    int status;

    buf_hex(&text, str_bytes(id, RING_ID_BYTES));
    buf_byte(&text, '\n');
    status = ring_file_create(folder, RING_ACTIVE, 0600, &text, err);
    buf_fini(&text);
    return status;
}

int ring_active_read(int folder, uint8_t id[RING_ID_BYTES], struct smg_err *err)
{
    struct buf text = { 0 };
    struct smg_str view, line;
    int status = ring_file_read(folder, RING_ACTIVE, true, &text, err);

    view = buf_view(&text);
    if (status == SMG_OK && (!ring_take_line(&view, "", &line) || view.len != 0 ||
                             !ring_read_hex(line, id, RING_ID_BYTES)))
        status = smg_fail(err, SMG_E_INVALID, RING_ACTIVE ": must hold the id of a master key");
    buf_fini(&text);
    return status;
}

int ring_folder_open(const char *path, int *folder, struct smg_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int status = SMG_OK;
    struct stat about;

    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return smg_fail(err, SMG_E_DENIED, "must be a folder, and no symbolic link");
    if (fd < 0)
        return smg_fail(err, errno == ENOENT ? SMG_E_NOT_FOUND : SMG_E_IO, "%s", strerror(errno));
    if (fstat(fd, &about) < 0)
        status = smg_fail(err, SMG_E_IO, "%s", strerror(errno));
    else if ((about.st_mode & 077) != 0)
        status = smg_fail(err, SMG_E_DENIED, "others may enter the folder; its mode must be 0700");
    if (status == SMG_OK)
        *folder = fd;
    else
        close(fd);
    return status;
}
