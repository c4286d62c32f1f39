// Pictures: their structure, not their coordinates, which depend on the fonts that are there.
#include <micrograd/graph/render.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include <micrograd/file.hpp>
#include <micrograd/graph/dot.hpp>

#include "../engine/helpers.hpp"

namespace micrograd {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::message_of;

std::string svg_of(const Value& root, const SnapshotOptions& options = {}) {
  return render_svg(to_dot(snapshot(root, options)));
}

/// Titles and texts of a drawing, one a line, without Graphviz's version and without coordinates.
std::string skeleton(const std::string& svg) {
  const std::regex element("<(title|text)[^>]*>([^<]*)</");
  std::string lines;
  for (std::sregex_iterator i(svg.begin(), svg.end(), element), end; i != end; ++i) {
    lines += (*i)[1].str() + " " + (*i)[2].str() + "\n";
  }
  return lines;
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | static_cast<std::uint8_t>(bytes.at(at + i));
  return number;
}

const std::string png_signature = "\x89PNG\r\n\x1a\n";

class Picture : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = fs::path(::testing::TempDir()) /
             ("picture." + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  fs::path folder;
};

TEST(Svg, OfASmallGraphHasItsBoxesBubblesAndEdges) {
  Value a(2, "a");
  Value b = a * 3;
  b.set_label("b");
  b.backward();
  EXPECT_EQ(skeleton(svg_of(b)), R"(title micrograd
title n0
text a
text data 2.0000
text grad 3.0000
title op2
text *
title n0:e&#45;&gt;op2
title n1
text Cons
text data 3.0000
text grad 2.0000
title n1:e&#45;&gt;op2
title n2
text b
text data 6.0000
text grad 1.0000
title op2:e&#45;&gt;n2
)");
}

TEST(Svg, ShowsAwkwardLabelsAsTheyAre) {
  const auto shown = [](const std::string& label) {
    const std::string lines = skeleton(svg_of(Value(1, label)));
    const std::size_t start = lines.find("text ") + 5;
    return lines.substr(start, lines.find("\ntext data") - start);
  };
  EXPECT_EQ(shown("{a|b}"), "{a|b}");
  EXPECT_EQ(shown("<x>"), "&lt;x&gt;");
  EXPECT_EQ(shown("say \"hi\""), "say &quot;hi&quot;");
  EXPECT_EQ(shown("back\\slash\\"), "back\\slash\\");
  EXPECT_EQ(shown("\\N \\G \\n"), "\\N \\G \\n");
  EXPECT_EQ(shown("&lt;&amp;"), "&amp;lt;&amp;amp;");
  EXPECT_EQ(shown("损失"), "损失");
  EXPECT_EQ(shown("损 失"), "损\u00A0失");
  EXPECT_EQ(shown("a  b"), "a\u00A0\u00A0b");
  EXPECT_EQ(shown("two\nlines"), "two\ntext lines");
  EXPECT_EQ(shown("a\xFF"), "a\uFFFD");
}

TEST(Svg, SaysWhatWasCut) {
  Value chain(1, "x");
  for (int i = 0; i < 10'000; ++i) chain = chain * 1;
  const std::string svg = svg_of(chain, {.max_nodes = 20});
  EXPECT_TRUE(contains(svg, ">19,981 older nodes not shown<")) << skeleton(svg);
}

TEST(Svg, OfMalformedDotIsAnError) {
  for (const char* dot : {"digraph {", "nonsense", "digraph { a -> }", "}", "digraph { a [label=\"}"}) {
    const std::string message = message_of([&] { return render_svg(dot); });
    EXPECT_TRUE(message.starts_with("render_svg: malformed DOT (")) << dot << ": " << message;
    EXPECT_FALSE(contains(message, "\n")) << message;
  }
  EXPECT_TRUE(contains(message_of([] { return render_svg("digraph { a -> }"); }), "syntax error in line 1"));
  EXPECT_EQ(message_of([] { return render_svg(""); }), "render_svg: malformed DOT (got no text)");
  EXPECT_EQ(message_of([] { return render_png(std::string("digraph { \0 }", 13)); }),
            "render_png: malformed DOT (got a zero byte at 10)");
  EXPECT_TRUE(contains(render_svg("digraph { a -> b }"), "<title>a&#45;&gt;b</title>"))
      << "the next one works";
}

TEST(Svg, OfADrawingBeyondReasonIsRefused) {
  std::string dot = "digraph {\n";
  for (int i = 0; i < 5'001; ++i) dot += "n" + std::to_string(i) + " -> n" + std::to_string(i + 1) + "\n";
  EXPECT_EQ(
      message_of([&] { return render_svg(dot + "}"); }),
      "render_svg: the drawing is too large to be laid out (got 10003 nodes and edges, expected at most "
      "10000); take a smaller snapshot, with max_nodes");
}

TEST(Svg, IsDrawnForSeveralThreadsAtOnce) {
  std::vector<std::string> pictures(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& picture : pictures) {
      threads.emplace_back([&picture] { picture = render_svg("digraph g { a -> b }"); });
    }
  }
  for (const std::string& picture : pictures) EXPECT_EQ(picture, pictures.front());
}

TEST(Png, IsAPngOfSensibleSize) {
  Value a(2, "a");
  const std::string png = render_png(to_dot(snapshot(a * a)));
  ASSERT_TRUE(png.starts_with(png_signature));
  EXPECT_GT(big_endian(png, 16), 100U) << "width";
  EXPECT_GT(big_endian(png, 20), 20U) << "height";
  EXPECT_TRUE(contains(png, "IEND")) << "the file is complete";
}

TEST(Png, OfALongGraphIsMadeToFit) {
  Value chain(1, "x");
  for (int i = 0; i < 200; ++i) chain = -chain;
  const std::string png = render_png(to_dot(snapshot(chain)));
  ASSERT_TRUE(png.starts_with(png_signature));
  EXPECT_LE(big_endian(png, 16), 32'100U);
  EXPECT_GT(big_endian(png, 16), 30'000U);
}

TEST_F(Picture, IsSavedByTheEndingOfTheName) {
  Value a(2, "a");
  const Value root = a * a;
  for (const char* name : {"g.svg", "g.png", "g.dot", "g.json"}) save_picture(root, folder / name);
  EXPECT_TRUE(contains(read_file(folder / "g.svg"), "<svg"));
  EXPECT_TRUE(read_file(folder / "g.png").starts_with(png_signature));
  EXPECT_EQ(read_file(folder / "g.dot"), to_dot(snapshot(root)));
  EXPECT_TRUE(read_file(folder / "g.json").starts_with("{\"root\": 1,"));
}

TEST_F(Picture, OfATenThousandNodesIsCutWithANote) {
  Value chain(1, "x");
  for (int i = 0; i < 9'999; ++i) chain = -chain;
  save_picture(chain, folder / "g.svg");
  EXPECT_TRUE(contains(read_file(folder / "g.svg"), ">9,500 older nodes not shown<"));
  save_picture(chain, folder / "few.svg", {.max_nodes = 10});
  EXPECT_TRUE(contains(read_file(folder / "few.svg"), ">9,990 older nodes not shown<"));
}

TEST_F(Picture, OfAnUnknownKindIsRefusedWithTheFourThatAreKnown) {
  EXPECT_EQ(
      message_of([] { return save_picture(Value(1), "graph.jpg"), 0; }),
      "save_picture: unknown kind of picture (got 'graph.jpg', expected a name that ends in .svg, .png, .dot "
      "or .json)");
  EXPECT_TRUE(contains(message_of([] { return save_picture(Value(1), "graph"), 0; }), "got 'graph'"));
  EXPECT_THROW(save_picture(Value(1), folder / "none" / "g.svg"), IoError);
}

TEST_F(Picture, ChangesNoGradient) {
  Value a(2, "a");
  const Value root = 3 * a;
  root.backward();
  save_picture(root, folder / "g.svg");
  EXPECT_EQ(a.grad(), 3);
  root.backward();
  EXPECT_EQ(a.grad(), 6);
}

}  // namespace
}  // namespace micrograd
