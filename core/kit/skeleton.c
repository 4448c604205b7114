/* SPDX-License-Identifier: Apache-2.0 */
/* The files of plugins/skeleton/reader, with another name in place of "skeleton". */
#include "kit/skeleton.h"

#include <errno.h>
#include <sys/stat.h>

enum { NAME_MAX_BYTES = 32 };

#define SKELETON_FILES(F)                                                                          \
    F(skeleton_c, "skeleton.c")                                                                    \
    F(skeleton_test_c, "skeleton_test.c")                                                          \
    F(skeleton_card_yaml, "card.yaml")                                                             \
    F(skeleton_cmakelists_txt, "CMakeLists.txt")                                                   \
    F(skeleton_makefile, "Makefile")                                                               \
    F(skeleton_readme_md, "README.md")

#define DECLARE(symbol, file)                                                                      \
    extern const unsigned char symbol[];                                                           \
    extern const size_t symbol##_size;
SKELETON_FILES(DECLARE)
#undef DECLARE

static const struct {
    const char *file;
    const unsigned char *at;
    const size_t *size;
} files[] = {
#define ENTRY(symbol, file) { file, symbol, &symbol##_size },
    SKELETON_FILES(ENTRY)
#undef ENTRY
};

static bool is_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= NAME_MAX_BYTES && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

/* The text with every "skeleton" replaced. */
static void put_renamed(struct smg_str text, const char *name, struct buf *out)
{
    static const char word[] = "skeleton";
    const char *at;

    while ((at = memmem(text.at, text.len, word, sizeof word - 1)) != NULL) {
        size_t before = (size_t)(at - text.at);

        buf_put(out, text.at, before);
        buf_text(out, name);
        text.at += before + sizeof word - 1;
        text.len -= before + sizeof word - 1;
    }
    buf_str(out, text);
}

static int write_file(const char *path, struct smg_str text, struct smg_err *err)
{
    FILE *file = fopen(path, "wbx");
    bool good = file != NULL && fwrite(text.at, 1, text.len, file) == text.len;

    if (file != NULL && fclose(file) != 0)
        good = false;
    return good ? SMG_OK : smg_fail(err, SMG_E_IO, "%s: %s", path, strerror(errno));
}

static int write_one(size_t i, const char *name, const char *folder, struct buf *told,
                     struct smg_err *err)
{
    struct buf path = { 0 }, text = { 0 };
    int code = SMG_OK;

    buf_printf(&path, "%s/", folder);
    put_renamed(str_of(files[i].file), name, &path);
    put_renamed(str_bytes(files[i].at, *files[i].size), name, &text);
    if (path.failed || text.failed)
        code = smg_fail(err, SMG_E_MEMORY, "out of memory");
    else
        code = write_file(path.at, buf_view(&text), err);
    if (code == SMG_OK)
        buf_printf(told, "%s\n", path.at);
    buf_fini(&path);
    buf_fini(&text);
    return code;
}

int skeleton_write(struct smg_str kind, const char *name, const char *folder, struct buf *told,
                   struct smg_err *err)
{
    int code = SMG_OK;

    if (!str_is(kind, "reader"))
        return smg_fail(
            err, SMG_E_UNSUPPORTED,
            "there is a skeleton for a reader only; a verifier, a reporter or a storage "
            "begins with a copy of the one nearest to it in the sources");
    if (!is_name(name))
        return smg_fail(err, SMG_E_INVALID,
                        "\"%.64s\" is no plugin's name: a letter, then a-z, 0-9 and _, at most %d",
                        name, NAME_MAX_BYTES);
    if (mkdir(folder, 0777) != 0)
        return smg_fail(err, errno == EEXIST ? SMG_E_EXISTS : SMG_E_IO, "%s: %s", folder,
                        errno == EEXIST ? "it is there already" : strerror(errno));
    for (size_t i = 0; code == SMG_OK && i < sizeof files / sizeof *files; i++)
        code = write_one(i, name, folder, told, err);
    return code;
}
