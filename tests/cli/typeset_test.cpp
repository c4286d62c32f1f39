// Pages of the tour are readable at every width, in both languages, with and without colours.
#include <cli/markdown.hpp>
#include <cli/typeset.hpp>

#include <gtest/gtest.h>

namespace micrograd::command {
namespace {

std::string text_of(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines) text += line.text + "\n";
  return text;
}

std::string shown(std::string_view page, const Terminal& terminal) {
  return text_of(typeset(parse_markdown(page, "/tour"), terminal));
}

std::string without_colours(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = text.find('m', i);
    } else {
      plain += text[i];
    }
  }
  return plain;
}

constexpr std::string_view page = R"md(# A `title`

Some **strong** and *soft* words, [a link](https://example.org/not-shown), and
a line break &lt;here&gt;.

## Lists

1. First, long enough to be wrapped
2. Second
   - nested

   still second

<!-- numbers vary -->
```cpp
int main() {

}
```
```text
x = 1

y = 2
```
```text
no output of anything
```

![A graph](pictures/graph.svg)

> Quoted, over
> two lines

| name | does |
|---|---|
| `+` | adds |

***
)md";

TEST(Typeset, EveryKindOfBlock) {
  EXPECT_EQ(shown(page, {.columns = 30}), R"(
A `title`
=========

Some strong and soft words, a
link, and a line break <here>.

Lists
-----

1. First, long enough to be
   wrapped

2. Second
   - nested

   still second

  int main() {

  }

  | x = 1
  |
  | y = 2

  no output of anything

A graph
/tour/pictures/graph.svg

| Quoted, over two lines

name  does
----  ----
`+`   adds

---------------
)");
}

TEST(Typeset, ColoursChangeNothingButTheMarks) {
  const std::string coloured = shown(page, {.live = true, .colour = true, .blocks = true, .columns = 30});
  EXPECT_NE(coloured.find("\x1b[1mstrong\x1b[0m"), coloured.npos) << coloured;
  EXPECT_NE(coloured.find("\x1b[32mx = 1\x1b[0m"), coloured.npos) << coloured;
  const std::string plain = without_colours(coloured);
  EXPECT_NE(plain.find("\nA title\n\nSome strong"), plain.npos) << plain;
  EXPECT_NE(plain.find("\n  │ x = 1\n  │\n"), plain.npos) << plain;
}

TEST(Typeset, TightListsHaveNoBlankLines) {
  EXPECT_EQ(shown("- a\n- b\n  - c\n  - d\n- e\n\nf", {}), "\n- a\n- b\n  - c\n  - d\n- e\n\nf\n");
}

TEST(Typeset, ATableThatIsTooWideBecomesAList) {
  const std::string_view table =
      "| name | what it does |\n|---|---|\n| add | one and another |\n| mul | both |\n";
  EXPECT_EQ(shown(table, {.columns = 20}), R"(
- name: add
  what it does: one
  and another
- name: mul
  what it does: both
)");
}

TEST(Typeset, ChineseBreaksAnywhereButBeforeAMarkThatCloses) {
  // Four characters fill a line of eight columns; the comma takes the one before it along.
  EXPECT_EQ(shown("一二三四，五六", {.columns = 8}), "\n一二三\n四，五六\n");
  EXPECT_EQ(shown("一二三（四五）", {.columns = 8}), "\n一二三\n（四五）\n");
  EXPECT_EQ(shown("一二三 abc 四", {.columns = 8}), "\n一二三\nabc 四\n");
  EXPECT_EQ(shown("使用`a + b`，", {.columns = 12}), "\n使用`a +\nb`，\n");
}

TEST(Typeset, BrokenLinesOfChineseAreJoinedWithoutASpace) {
  EXPECT_EQ(shown("一二\n三四，\n`a`\n五 b\nc", {}), "\n一二三四，`a` 五 b c\n");
}

TEST(Typeset, LinesFitTheirTerminal) {
  const std::string_view text =
      "这一段足够长，因此在每一种宽度下都必须换行（括号里的文字也一样），其中有**粗体**、`code`，以及 words "
      "in "
      "another language；“引号”之前和之后的换行也要正确。百分之 50%，省略号……破折号——完。";
  const std::vector<Block> blocks = parse_markdown(text, "/tour");
  for (std::size_t columns = 16; columns < 130; ++columns) {
    std::string all;
    for (const Line& line : typeset(blocks, {.columns = columns})) {
      EXPECT_LE(line.width, std::min<std::size_t>(columns, 100));
      EXPECT_EQ(line.width, display_width(line.text));
      EXPECT_FALSE(line.text.ends_with(' ')) << line.text;
      for (const std::string_view mark : {"，", "；", "）", "。", "、", "”", "%"}) {
        EXPECT_FALSE(line.text.starts_with(mark)) << line.text << " at " << columns;
      }
      EXPECT_FALSE(line.text.ends_with("（") || line.text.ends_with("“")) << line.text << " at " << columns;
      all += line.text;
    }
    std::erase(all, ' ');
    EXPECT_TRUE(all.ends_with("省略号……破折号——完。")) << "nothing is lost";
  }
}

TEST(Typeset, WordsLongerThanALineStayWhole) {
  EXPECT_EQ(shown("see micrograd/engine/backward.cpp there", {.columns = 12}),
            "\nsee\nmicrograd/engine/backward.cpp\nthere\n");
  EXPECT_EQ(shown("a b", {.columns = 0}), "\na\nb\n");
}

TEST(Typeset, LongLinesOfCodeAreBrokenWhereAPersonReads) {
  const std::string_view code = "```cpp\n  auto result = compute(first, second);\n\n}\n```\n";
  EXPECT_EQ(shown(code, {.live = true, .columns = 32}),
            "\n    auto result =\n        compute(first, second);\n\n  }\n");
  EXPECT_EQ(shown(code, {.columns = 30}), "\n    auto result = compute(first, second);\n\n  }\n");
  const std::string_view no_space = "```text\nabcdefghijklmnopqrstuvwxyz\n```\n";
  EXPECT_EQ(shown(no_space, {.live = true, .columns = 20}), "\n  abcdefghijklmnopqr\n      stuvwxyz\n");
  for (std::size_t columns = 24; columns < 80; ++columns) {
    for (const Line& line : typeset(parse_markdown(code, "/tour"), {.live = true, .columns = columns})) {
      EXPECT_LE(line.width, columns);
    }
  }
}

TEST(Typeset, CommentsAndOtherHtmlAreLeftOut) {
  EXPECT_EQ(shown("<!-- sanitize -->\na\n", {}), "\na\n");
  EXPECT_EQ(shown("<!-- sanitize -->\n\na <b>c</b>\n", {}), "\na c\n");
}

TEST(Typeset, AnythingIsAPage) {
  for (const std::string_view text :
       {"", "\n", "``` ", "\xff\xe4\x00", "|||\n|-|-|\n|", "> - 1. > a", "![", "#"}) {
    EXPECT_NO_THROW((void)shown(text, {.columns = 10}));
  }
  EXPECT_EQ(shown("", {}), "");
}

}  // namespace
}  // namespace micrograd::command
