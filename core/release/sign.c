/* SPDX-License-Identifier: Apache-2.0 */
/* Making a signed bundle: its index, and a folder that holds both. */
#include "release/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int add_file(struct release_index *index, struct policy_text text, struct smg_err *err)
{
    struct index_file *file = &index->files[index->file_count];

    if (index->file_count == INDEX_FILES || strlen(text.name) >= sizeof file->name)
        return smg_fail(err, SMG_E_INVALID, "%.80s does not fit into an index", text.name);
    snprintf(file->name, sizeof file->name, "%s", text.name);
    index_digest(text.text, file->digest);
    index->file_count++;
    return SMG_OK;
}

/* The i-th file of a bundle; its name is NULL after the last. */
static struct policy_text bundle_file(const struct bundle *bundle, size_t i)
{
    size_t texts = 0;

    while (policy_set_text(bundle->set, texts).name != NULL)
        texts++;
    if (i < texts)
        return policy_set_text(bundle->set, i);
    if (i - texts < bundle->extra_count)
        return bundle->extras[i - texts];
    return (struct policy_text){ NULL, { NULL, 0 } };
}

int bundle_sign(const struct bundle *bundle, const struct signing_key *key, uint64_t sequence,
                int64_t now_ms, struct smg_date valid_until, struct buf *index_text,
                struct smg_err *err)
{
    struct release_index index = { .sequence = sequence,
                                   .signed_at_ms = now_ms,
                                   .valid_until = valid_until };
    struct buf signature = { 0 };
    struct policy_text text;
    int status = SMG_OK;
    size_t i;

    for (i = 0; i < policy_set_count(bundle->set); i++)
        snprintf(index.stack[i], sizeof index.stack[i], "%s", policy_set_info(bundle->set, i)->id);
    index.stack_count = i;
    snprintf(index.set, sizeof index.set, "%s", policy_set_hash(bundle->set));
    snprintf(index.key, sizeof index.key, "%s", signing_key_id(key));
    for (i = 0; status == SMG_OK && (text = bundle_file(bundle, i)).name != NULL; i++)
        status = add_file(&index, text, err);
    if (status == SMG_OK) {
        index_write(&index, index_text);
        status = signing_key_sign(key, buf_view(index_text), &signature, err);
    }
    buf_text(index_text, "signature ");
    buf_hex(index_text, buf_view(&signature));
    buf_byte(index_text, '\n');
    if (status == SMG_OK && index_text->failed)
        status = smg_fail(err, SMG_E_MEMORY, "out of memory");
    buf_fini(&signature);
    return status;
}

/* ---- a folder ---- */

static int fail(const char *name, struct smg_err *err)
{
    enum smg_code code = errno == EEXIST ? SMG_E_EXISTS : errno == ENOSPC ? SMG_E_FULL : SMG_E_IO;

    return smg_fail(err, code, "%.150s: %s", name, strerror(errno));
}

/* folder/name, with the folders in the name made as needed. */
static int write_file(int folder, const char *name, struct smg_str text, struct smg_err *err)
{
    const char *slash = strchr(name, '/');
    char part[INDEX_NAME_BYTES];
    FILE *file;
    int fd;

    if (slash != NULL) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
        if (mkdirat(folder, part, 0755) < 0 && errno != EEXIST)
            return fail(part, err);
    }
    fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file == NULL) {
        if (fd >= 0)
            close(fd);
        return fail(name, err);
    }
    if (fwrite(text.at, 1, text.len, file) != text.len || fflush(file) != 0 || fsync(fd) < 0) {
        fclose(file);
        return fail(name, err);
    }
    return fclose(file) == 0 ? SMG_OK : fail(name, err);
}

void bundle_remove(const struct bundle *bundle, const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct policy_text text;
    size_t i;

    for (i = 0; (text = bundle_file(bundle, i)).name != NULL; i++)
        unlinkat(folder, text.name, 0);
    unlinkat(folder, INDEX_NAME, 0);
    for (i = 0; (text = bundle_file(bundle, i)).name != NULL; i++) {
        char part[INDEX_NAME_BYTES];

        snprintf(part, sizeof part, "%s", text.name);
        part[strcspn(part, "/")] = '\0';
        unlinkat(folder, part, AT_REMOVEDIR);
    }
    close(folder);
    rmdir(path);
}

static int write_all(const struct bundle *bundle, struct smg_str index, int folder,
                     struct smg_err *err)
{
    struct policy_text text;
    int status = SMG_OK;
    size_t i;

    for (i = 0; status == SMG_OK && (text = bundle_file(bundle, i)).name != NULL; i++)
        status = write_file(folder, text.name, text.text, err);
    if (status == SMG_OK && index.len > 0)
        status = write_file(folder, INDEX_NAME, index, err);
    return status;
}

int bundle_write(const struct bundle *bundle, struct smg_str index, const char *path,
                 struct smg_err *err)
{
    struct buf draft = { 0 };
    int folder = -1, status = SMG_OK;

    buf_printf(&draft, "%s.part", path);
    if (draft.failed)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    if (access(path, F_OK) == 0)
        status = smg_fail(err, SMG_E_EXISTS, "%.150s: is there already", path);
    else if (mkdir(draft.at, 0755) < 0)
        status = fail(draft.at, err);
    if (status != SMG_OK)
        goto out;
    folder = open(draft.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    status = folder < 0 ? fail(draft.at, err) : write_all(bundle, index, folder, err);
    if (status == SMG_OK && rename(draft.at, path) < 0)
        status = fail(path, err);
    if (status != SMG_OK)
        bundle_remove(bundle, draft.at);
    if (folder >= 0)
        close(folder);
out:
    buf_fini(&draft);
    return status;
}
