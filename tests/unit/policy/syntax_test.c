/* SPDX-License-Identifier: Apache-2.0 */
/* The parser against Lua's own compiler: on what ships, on hostile scripts, on tricky snippets and
 * on texts put together by chance, both must accept the same. */
#include "folder.h"

#include "policy/syntax.h"

#include <lua5.4/lauxlib.h>

static lua_State *lua;

static int open_lua(void **state)
{
    (void)state;
    lua = luaL_newstate();
    return lua == NULL;
}

static int close_lua(void **state)
{
    (void)state;
    lua_close(lua);
    return 0;
}

static bool lua_accepts(struct smg_str text)
{
    bool accepts = luaL_loadbufferx(lua, text.at, text.len, "=x", "t") == LUA_OK;

    lua_settop(lua, 0);
    return accepts;
}

/* Every node lies inside its parent, behind its elder siblings. */
static void expect_tree(const struct syntax *syntax)
{
    size_t i, links = 0;

    for (i = 0; i < syntax->count; i++) {
        const struct node *node = &syntax->nodes[i];
        uint32_t at = node->from;
        int child;

        assert_true(node->from <= node->to && node->to <= syntax->text.len);
        for (child = node->first; child != NODE_NONE; child = syntax->nodes[child].next) {
            assert_int_equal(syntax->nodes[child].parent, i);
            if (syntax->nodes[child].from < at || syntax->nodes[child].to > node->to)
                fail_msg("kind %d in kind %d stands outside: %.*s", (int)syntax->nodes[child].kind,
                         (int)node->kind, (int)syntax->text.len, syntax->text.at);
            at = syntax->nodes[child].to;
            links++;
        }
    }
    assert_int_equal(links + 1, syntax->count);
}

static bool parser_accepts(struct smg_str text)
{
    struct syntax syntax;
    const char *why = NULL;
    int line = 0;

    if (!syntax_parse(text, &syntax, &why, &line)) {
        assert_non_null(why);
        assert_true(line >= 1);
        return false;
    }
    expect_tree(&syntax);
    syntax_fini(&syntax);
    return true;
}

static void expect_agreement(struct smg_str text, const char *name)
{
    bool accepts = lua_accepts(text);

    if (accepts != parser_accepts(text))
        fail_msg("%s: Lua %s it\n%.*s", name, accepts ? "accepts" : "refuses",
                 (int)(text.len > 400 ? 400 : text.len), text.at);
}

static void read_file(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "r");
    char part[4096];
    size_t len;

    assert_non_null(file);
    while ((len = fread(part, 1, sizeof part, file)) > 0)
        buf_put(out, part, len);
    fclose(file);
    assert_false(out->failed);
}

static int compare_file(const char *path, const struct stat *stat, int flag, struct FTW *walk)
{
    struct buf text = { 0 };

    (void)stat;
    (void)walk;
    if (flag == FTW_F && strlen(path) > 4 && strcmp(path + strlen(path) - 4, ".lua") == 0) {
        read_file(path, &text);
        expect_agreement(buf_view(&text), path);
        buf_fini(&text);
    }
    return 0;
}

static void
test_the_shipped_policies_and_the_hostile_scripts_are_read_as_lua_reads_them(void **state)
{
    struct buf text = { 0 };

    (void)state;
    assert_int_equal(nftw(SOURCE_DIR "/policies", compare_file, 8, FTW_PHYS), 0);
    assert_int_equal(nftw(SOURCE_DIR "/tests/hostile", compare_file, 8, FTW_PHYS), 0);
    read_file(SOURCE_DIR "/policies/cn-54/2018.lua", &text);
    assert_true(parser_accepts(buf_view(&text)));
    buf_fini(&text);
}

static const char *const tricky[] = {
    "",
    ";",
    ";;;",
    "return",
    "return;",
    "return 1,2;",
    "return 1 return",
    "return;;",
    "x",
    "x.y",
    "x()",
    "x().y",
    "x().y = 1",
    "(x) = 1",
    "(x).y = 1",
    "x() = 1",
    "x, y.z, t[1] = 1",
    "x, y() = 1",
    "(f)()",
    "('a'):len()",
    "'a':len()",
    "f'a'",
    "f{1}",
    "f[[a]]",
    "a.b:c'd'{}()",
    "a:b",
    "a:b.c()",
    "local x",
    "local x =",
    "local x, y = 1",
    "local x.y = 1",
    "local function f() end",
    "local function f.g() end",
    "function f.g:h(...) return self, ... end",
    "function f:g.h() end",
    "local x <const> = 1",
    "local x <const> = 1; x = 2",
    "local x <close> = nil",
    "local x <close>, y <close> = nil",
    "local x <odd> = 1",
    "local x <const> = 1 local x x = 2",
    "local x <const> = 1 function x() end",
    "local x <const> = 1 function x.y() end",
    "local x <const> = 1 return function() x = 2 end",
    "return ...",
    "function f() return ... end",
    "function f(...) return function() return ... end end",
    "function f(a, ...) end",
    "function f(..., a) end",
    "function f(a,) end",
    "function f(a b) end",
    "break",
    "while x do break end",
    "while x do function f() break end end",
    "repeat local x until x",
    "repeat break until true",
    "for i = 1 do end",
    "for i = 1, 2 do end",
    "for i = 1, 2, 3 do end",
    "for i = 1, 2, 3, 4 do end",
    "for i, j in x do end",
    "for i.j in x do end",
    "for i, j = 1, 2 do end",
    "for i in x, y, z do end",
    "do end",
    "do",
    "end",
    "until x",
    "if x then",
    "if x then elseif y then else end",
    "if x then else elseif y end",
    "goto a",
    "goto a ::a::",
    "::a:: goto a",
    "::a:: ::a::",
    "do ::a:: end ::a::",
    "::a:: do ::a:: end",
    "do goto a end ::a::",
    "goto a do ::a:: end",
    "goto a local x ::a::",
    "goto a local x ::a:: print(x)",
    "goto a local x ::a:: ;",
    "goto a local x ::a:: ::b::",
    "goto a local x ::a:: ; ::b:: ;; return",
    "do goto a local x ::a:: end",
    "repeat goto a local x ::a:: until x",
    "repeat goto a local x; ::a:: until true",
    "while x do goto c local y ::c:: end",
    "while x do if y then goto c end local z ::c:: end",
    "for i = 1, 2 do goto c local y ::c:: end",
    "function f() goto a end ::a::",
    "::a:: function f() goto a end",
    "goto = 1",
    "goto 1",
    "goto a; do local x end ::a:: x()",
    "do local x goto a end local y ::a:: y()",
    "::a:: local x goto a",
    "function f() ::a:: end ::a::",
    "goto b do local x ::a:: goto b end ::b::",
    "x = 1 2",
    "x = 0x",
    "x = 0x1",
    "x = 0x.8p1",
    "x = 0x1p",
    "x = 1e",
    "x = 1e+",
    "x = 1e+5",
    "x = 1..2",
    "x = 1 ..2",
    "x = 1...2",
    "x = 3x",
    "x = 3e5x",
    "x = .5",
    "x = 5.",
    "x = .",
    "x = 0xg",
    "x = 1e5e5",
    "x = 0xA.B",
    "x = 08",
    "x = 1_000",
    "x = 0x1.8p-2f",
    "x = 1.5.5",
    "x = 0e1",
    "x = 1f",
    "x = 'a\\nb'",
    "x = 'a\nb'",
    "x = 'a\\\nb'",
    "x = 'a\\\r\nb'",
    "x = '\\x4'",
    "x = '\\x41'",
    "x = '\\256'",
    "x = '\\255'",
    "x = '\\25'",
    "x = '\\z  \n  b'",
    "x = '\\q'",
    "x = '\\u{41}'",
    "x = '\\u{}'",
    "x = '\\u{7FFFFFFF}'",
    "x = '\\u{80000000}'",
    "x = '\\u41'",
    "x = 'a",
    "x = \"a'",
    "x = [[a]]",
    "x = [==[a]]b]==]",
    "x = [==[a]=]",
    "x = [=a]",
    "x = [[a",
    "x = [[\n\na]]",
    "x = t[[[a]]]",
    "x = t[ [[a]] ]",
    "--",
    "--[[",
    "--[[ ]] x = 1",
    "--[==[ ]] ]==] x = 1",
    "--[=x",
    "-- a\nx = 1",
    "---[[\nx = 1",
    "x = - - 1",
    "x = --1\n1",
    "x = not not y",
    "x = #t",
    "x = ~1",
    "x = ~ ~ 1",
    "x = a ~ b",
    "x = a ~= b",
    "x = a // b >> 1 << 2 & 3 | 4",
    "x = a < b < c",
    "x = a and b or c",
    "x = a .. b .. c ^ d ^ e",
    "x = -a ^ -b",
    "x = a == b ~= c",
    "x = a and",
    "x = and b",
    "x = not",
    "x = {1, 2; a = 3, [4] = 5, }",
    "x = {,}",
    "x = {1,,2}",
    "x = {a = }",
    "x = {[1] 2}",
    "x = {a.b = 1}",
    "x = {f(), ...}",
    "x = {a == b}",
    "x = {[a] = b, [c], d}",
    "x = {",
    "x = function() end",
    "x = function f() end",
    "x = function(a, b) return a end",
    "x = (a",
    "x = a)",
    "x = ()",
    "x = a.1",
    "x = a.end",
    "x = a['end']",
    "x = a:b",
    "x = a:b()",
    "x = a:b{}.c",
    "local local = 1",
    "x = nil.y",
    "x = true()",
    "x = (nil).y",
    "nil = 1",
    "x y",
    "x = y z = w",
    "x() y() (z)()",
    "x = f\n(y)",
    "@",
    "x = $",
    "x = `a`",
    "x = a ? b : c",
    "x += 1",
    "x = a != b",
    "x = a && b",
    "\xEF\xBB\xBFx = 1",
    "#!shebang",
    "x = '\xFF'",
    "\xE4\xB8\xAD = 1",
    "local self = 1 function t:m() self = 2 end",
    "local self <const> = 1 function t:m() self = 2 end",
    "a.b['c'].d:e(1).f[2](3){4}'5' = 6",
    "a.b['c'].d:e(1).f[2](3){4}'5'.g = 6",
    "for a = 1, 2 do local a <const> = 3 a = 4 end",
    "return return",
    "if x then return end y()",
    "if x then return 1; end",
    "do return end return",
    "while 1 do return end",
};

static void test_tricky_snippets_are_read_as_lua_reads_them(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof tricky / sizeof tricky[0]; i++)
        expect_agreement(str_of(tricky[i]), tricky[i]);
}

/* The same numbers on every machine. */
static uint32_t next_number(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Pieces that make a text which is nearly right, so that both answers are common. */
static void put_pieces(struct buf *out, uint64_t *seed)
{
    static const char *const pieces[] = {
        "local a = ",
        "local a, b",
        "a",
        "b",
        " = ",
        "1",
        "'s'",
        "f(",
        ")",
        "f()",
        "f{",
        "}",
        ", ",
        "; ",
        "if a then ",
        "elseif b then ",
        "else ",
        "end ",
        "while a do ",
        "repeat ",
        "until a ",
        "for i = 1, 2 do ",
        "for k, v in f() do ",
        "function f(a, ...) ",
        "local function g() ",
        "return ",
        "break ",
        "goto x ",
        "::x:: ",
        "not ",
        "and ",
        "or ",
        " == ",
        " < ",
        "..",
        "...",
        "[",
        "]",
        "(",
        ".c",
        ":m()",
        "nil ",
        "true ",
        "function() ",
        "do ",
        "local c <const> = 1 ",
        "c = 2 ",
        "#",
        "-",
    };
    size_t count = 1 + next_number(seed) % 12;

    buf_clear(out);
    for (; count > 0; count--) {
        buf_text(out, pieces[next_number(seed) % (sizeof pieces / sizeof pieces[0])]);
        buf_byte(out, ' ');
    }
}

static void test_texts_put_together_by_chance_are_read_as_lua_reads_them(void **state)
{
    struct buf text = { 0 };
    uint64_t seed = 144;
    int i, accepted = 0;

    (void)state;
    for (i = 0; i < 10000; i++) {
        put_pieces(&text, &seed);
        expect_agreement(buf_view(&text), "by chance");
        accepted += parser_accepts(buf_view(&text));
    }
    assert_true(accepted > 100);
    buf_fini(&text);
}

/* One byte of a shipped file changed or left out: still the same answer. */
static void test_shipped_files_with_one_slip_are_read_as_lua_reads_them(void **state)
{
    struct buf text = { 0 };
    uint64_t seed = 54;
    int i;

    (void)state;
    read_file(SOURCE_DIR "/policies/cn-54/2018.lua", &text);
    for (i = 0; i < 400; i++) {
        static const char put[] = "()[]{}=,.:;'\"-<>~ \nx0";
        size_t at = next_number(&seed) % text.len;
        char was = text.at[at];

        text.at[at] = put[next_number(&seed) % (sizeof put - 1)];
        expect_agreement(buf_view(&text), "one slip");
        text.at[at] = was;
    }
    buf_fini(&text);
}

static void test_deep_and_long_texts_are_refused_not_followed(void **state)
{
    static const char *const openings[] = {
        "x = (", "if a then ", "x = {", "f(", "x = not ", "a.b."
    };
    struct buf text = { 0 };
    size_t i;
    int j;

    (void)state;
    for (i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        buf_clear(&text);
        for (j = 0; j < 100000; j++)
            buf_text(&text, openings[i]);
        assert_false(parser_accepts(buf_view(&text)));
    }
    buf_clear(&text);
    buf_text(&text, "x = a");
    for (j = 0; j < 100000; j++)
        buf_text(&text, ".b");
    assert_false(parser_accepts(buf_view(&text)));
    buf_fini(&text);
}

static void expect_says(const char *text, const char *says)
{
    struct syntax syntax;
    struct buf out = { 0 };
    const char *why;
    size_t i;
    int line;

    assert_true(syntax_parse(str_of(text), &syntax, &why, &line));
    for (i = 0; i < syntax.count && syntax.nodes[i].kind != NODE_STRING; i++)
        ;
    assert_true(syntax_string(&syntax, (int)i, &out));
    assert_string_equal(out.len == 0 ? "" : out.at, says);
    buf_fini(&out);
    syntax_fini(&syntax);
}

static void test_a_text_says_what_lua_makes_of_it(void **state)
{
    (void)state;
    expect_says("x = 'plain'", "plain");
    expect_says("x = ''", "");
    expect_says("x = 'a\\n\\t\\\\\\'\\\"b'", "a\n\t\\'\"b");
    expect_says("x = '\\65\\066\\x43\\u{44}\\u{20AC}'", "ABCD\u20AC");
    expect_says("x = 'a\\z  \n  b\\\r\nc'", "ab\nc");
    expect_says("x = [[\r\na\r\nb]]", "a\nb");
    expect_says("x = [==[a]]b]==]", "a]]b");
}

/* The NAME that is read on `line`. */
static int name_on(const struct syntax *syntax, const char *name, int line)
{
    size_t i;

    for (i = 0; i < syntax->count; i++)
        if (syntax->nodes[i].kind == NODE_NAME && syntax->nodes[i].line == line &&
            str_is(syntax_text(syntax, (int)i), name))
            return (int)i;
    fail_msg("%s is not on line %d", name, line);
    return NODE_NONE;
}

static void expect_declared(const struct syntax *syntax, const char *name, int line, int declared)
{
    int at = syntax->nodes[name_on(syntax, name, line)].declared;

    assert_int_equal(at == NODE_NONE ? 0 : syntax->nodes[at].line, declared);
}

static void test_a_name_means_the_variable_that_lua_sees_there(void **state)
{
    static const char text[] = "local a, b = 1, f\n"
                               "local a = a\n"
                               "function g(a)\n"
                               "return a, b, c end\n"
                               "for b in b do\n"
                               "h(b) end\n"
                               "h(b)\n"
                               "local function r() return r end\n"
                               "repeat local u = 1\n"
                               "until u\n"
                               "h(u, a)\n";
    struct syntax syntax;
    const char *why;
    int line, value;

    (void)state;
    assert_true(syntax_parse(str_of(text), &syntax, &why, &line));
    assert_int_equal(syntax.nodes[syntax_value(&syntax, name_on(&syntax, "a", 2))].line, 2);
    expect_declared(&syntax, "a", 4, 3);
    expect_declared(&syntax, "b", 4, 1);
    expect_declared(&syntax, "c", 4, 0);
    expect_declared(&syntax, "b", 6, 5);
    expect_declared(&syntax, "b", 7, 1);
    expect_declared(&syntax, "r", 8, 8);
    expect_declared(&syntax, "u", 10, 9);
    expect_declared(&syntax, "u", 11, 0);
    expect_declared(&syntax, "a", 11, 2);
    value = syntax_value(&syntax, name_on(&syntax, "b", 1));
    assert_true(str_is(syntax_text(&syntax, value), "f"));
    assert_int_equal(syntax_value(&syntax, name_on(&syntax, "a", 3)), NODE_NONE);
    assert_int_equal(syntax_column(&syntax, value), 17);
    syntax_fini(&syntax);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_the_shipped_policies_and_the_hostile_scripts_are_read_as_lua_reads_them),
        cmocka_unit_test(test_tricky_snippets_are_read_as_lua_reads_them),
        cmocka_unit_test(test_texts_put_together_by_chance_are_read_as_lua_reads_them),
        cmocka_unit_test(test_shipped_files_with_one_slip_are_read_as_lua_reads_them),
        cmocka_unit_test(test_deep_and_long_texts_are_refused_not_followed),
        cmocka_unit_test(test_a_text_says_what_lua_makes_of_it),
        cmocka_unit_test(test_a_name_means_the_variable_that_lua_sees_there),
    };

    return cmocka_run_group_tests(tests, open_lua, close_lua);
}
